import ArgumentParser
import CBenchPeaks
import Dispatch
import EADCore
import EADEngine
import EADSampling
import Foundation

/// Measures the machine and the engine, and prints one table.
@main
struct EngineBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine-bench",
        abstract: "Measures the engine on SmolLM2-135M's shape, and the machine's peaks.")

    @Option(help: "Threads that compute.") var threads = ProcessInfo.processInfo.activeProcessorCount
    @Option(help: "Write the figures as JSON to this file.") var json: String?
    @Option(help: "Runs of each measurement; the best counts, since other processes only ever slow it down.")
    var repetitions = 3
    @Flag(help: "Count processor time instead of wall-clock time: with --threads 1, for a machine that is busy.")
    var processorTime = false
    @Option(help: "Measure only figures whose name contains this.") var only: String?

    func run() throws {
        var table = FigureTable(only: self.only)
        table.add("peak FMA, f32", bench_peak_fma(Int32(self.threads)) / 1e9, "GFLOP/s")
        table.add("peak dot product, bf16", bench_peak_bf16(Int32(self.threads)) / 1e9, "GFLOP/s")
        table.add("memory read", bench_peak_memory(Int32(self.threads)) / 1e9, "GB/s")
        for precision in [Precision.bf16, .f32] {
            // Training first: its peak memory is then its own.
            try self.training(precision, &table)
            try self.generation(precision, &table)
        }
        table.add("peak resident memory, all", bench_peak_rss() / 1e9, "GB")
        if let path = self.json {
            try table.json().write(to: URL(fileURLWithPath: path))
        }
    }

    private func best(_ measure: () throws -> Double) rethrows -> Double {
        var result = 0.0
        for _ in 0..<self.repetitions { result = max(result, try measure()) }
        return result
    }

    private func generation(_ precision: Precision, _ table: inout FigureTable) throws {
        let names = [1, 8, 64].map { "decode, batch \($0), \(precision)" } + ["prefill, \(precision)"]
        guard names.contains(where: { table.wants($0) }) else { return }
        let model = Workload.model
        let weights = try Workload.weights(precision)
        for (batch, name) in zip([1, 8, 64], names) where table.wants(name) {
            let rate = try self.best {
                let generator = try Generator(
                    shape: model, configuration: ComputeConfiguration(precision: precision, threads: self.threads),
                    slots: batch, tokenBytes: { _ in [] })
                generator.install(weights)
                for group in 0..<batch {
                    try generator.submit(Workload.request(group, prompt: 64, tokens: batch == 1 ? 65 : 129))
                }
                _ = try generator.step()
                let start = self.now()
                let before = generator.tokensGenerated
                while !generator.isIdle { _ = try generator.step() }
                return Double(generator.tokensGenerated - before) / (self.now() - start)
            }
            table.add(name, rate, "tokens/s")
        }
        guard table.wants(names[3]) else { return }
        let rate = try self.best {
            let generator = try Generator(
                shape: model, configuration: ComputeConfiguration(precision: precision, threads: self.threads),
                slots: 16, tokenBytes: { _ in [] })
            generator.install(weights)
            for group in 0..<16 { try generator.submit(Workload.request(group, prompt: 256, tokens: 1)) }
            let start = self.now()
            while !generator.isIdle { _ = try generator.step() }
            return Double(generator.promptTokensProcessed) / (self.now() - start)
        }
        table.add(names[3], rate, "tokens/s")
    }

    private func training(_ precision: Precision, _ table: inout FigureTable) throws {
        let name = "forward, backward, AdamW, 8 x 192, \(precision)"
        let shared = "GRPO update, 8 prompts x 8, 64 + 64 tokens, \(precision)"
        guard table.wants(name) || table.wants(shared) else { return }
        let trainer = try Workload.trainer(precision, threads: self.threads)
        let optimizer = OptimizerConfiguration(learningRate: 1e-6)
        func step(_ groups: [TrainingGroup]) throws -> Double {
            let start = self.now()
            trainer.zeroGradients()
            for range in trainer.microBatches(of: groups) {
                try trainer.accumulate(Array(groups[range])) { logProbs in
                    logProbs.map { $0.map { $0.map { _ in -1e-3 } } }
                }
            }
            _ = try trainer.update(optimizer)
            return self.now() - start
        }
        if table.wants(name) {
            let groups = (0..<8).map { Workload.group($0, prompt: 1, responses: 1, tokens: 192) }
            table.add(name, try self.best { 8 * 192 / (try step(groups)) }, "tokens/s")
        }
        if table.wants(shared) {
            let groups = (0..<8).map { Workload.group($0, prompt: 64, responses: 8, tokens: 64) }
            table.add(shared, 1 / (try self.best { 1 / (try step(groups)) }), "s")
        }
        table.add("resident memory after training, \(precision)", bench_peak_rss() / 1e9, "GB")
    }

    /// Seconds of the clock that is measured with.
    private func now() -> Double {
        if self.processorTime { return bench_cpu_seconds() }
        return Double(DispatchTime.now().uptimeNanoseconds) / 1e9
    }
}
