import EADCore
import EADEngine
import EADModels
import EADTransformer

/// Whole passes of the engine: first token, decoding, prefill, training.
///
/// Limits count the products with weights only (2 operations per weight and token, 6 with the backward pass); attention
/// and everything else come on top, so that a share of 100 % is out of reach.
struct ModelBench {
    let model: ModelShape
    let machine: MachinePeaks
    let threads: Int
    let repetitions: Int
    let stopwatch: Stopwatch

    private func repeated(_ measure: () throws -> Double) rethrows -> [Double] {
        try (0..<self.repetitions).map { _ in try measure() }
    }

    private func generator(_ precision: Precision, lanes: Int) throws -> Generator {
        try Generator(
            shape: self.model, configuration: ComputeConfiguration(precision: precision, threads: self.threads),
            lanes: lanes, tokenBytes: { _ in [] })
    }

    /// What a worker does before its first token: open the model file, decode and pack the weights, compute a prompt of
    /// 64 tokens, draw.
    func firstToken(_ path: String, _ table: inout FigureTable) throws {
        let name = "first token from the model file, bf16"
        guard table.wants(name) else { return }
        let configuration = ComputeConfiguration(precision: .bf16, threads: self.threads)
        let seconds = try self.repeated {
            try self.stopwatch.seconds {
                let file = try ModelFile(path: path)
                let tokenizer = try Tokenizer(file)
                let generator = try Generator(
                    shape: file.shape, configuration: configuration, lanes: 64,
                    tokenBytes: { tokenizer.bytes(of: $0) })
                generator.install(try file.policyWeights(configuration))
                try generator.submit(Workload.request(0, prompt: 64, tokens: 2))
                _ = try generator.step()
                precondition(generator.tokensGenerated == 1, "one token was drawn")
            }
        }
        table.add(name, seconds, "s")
    }

    func generation(
        _ precision: Precision, batches: [Int], prefill: Bool, _ table: inout FigureTable
    ) throws {
        let names = batches.map { "decode, batch \($0), \(precision)" }
        let prefillName = "prefill, \(precision)"
        let wanted = names + (prefill ? [prefillName] : [])
        guard wanted.contains(where: { table.wants($0) }) else { return }
        let weights = try Workload.weights(precision, self.model)
        for (batch, name) in zip(batches, names) where table.wants(name) {
            // On a shared host this is another figure every minute: taken before and after what it may limit.
            var machine = self.machine
            machine.memoryRead = MachinePeaks.memoryRead(threads: self.threads)
            let rates = try self.repeated {
                let generator = try self.generator(precision, lanes: batch)
                generator.install(weights)
                for group in 0..<batch {
                    try generator.submit(
                        Workload.request(group, prompt: 64, tokens: batch == 1 ? 65 : 129, model: self.model))
                }
                _ = try generator.step()
                let before = generator.tokensGenerated
                let seconds = try self.stopwatch.seconds { while !generator.isIdle { _ = try generator.step() } }
                return Double(generator.tokensGenerated - before) / seconds
            }
            machine.memoryRead = max(machine.memoryRead, MachinePeaks.memoryRead(threads: self.threads))
            let limit = machine.decoding(self.model, precision, batch: batch)
            table.add(name, rates, "tokens/s", limit: Double(batch) / limit.seconds, bound: limit.bound)
        }
        guard prefill, table.wants(prefillName) else { return }
        let rates = try self.repeated {
            let generator = try self.generator(precision, lanes: 16)
            generator.install(weights)
            for group in 0..<16 {
                try generator.submit(Workload.request(group, prompt: 256, tokens: 1, model: self.model))
            }
            let seconds = try self.stopwatch.seconds { while !generator.isIdle { _ = try generator.step() } }
            return Double(generator.promptTokensProcessed) / seconds
        }
        let limit = self.machine.limit(flops: 2 * Double(self.model.layerWeights), bytes: 0, precision)
        table.add(prefillName, rates, "tokens/s", limit: 1 / limit.seconds, bound: limit.bound)
    }

    func training(_ precision: Precision, _ table: inout FigureTable) throws {
        let name = "forward, backward, AdamW, 8 x 192, \(precision)"
        let shared = "GRPO update, 8 prompts x 8, 64 + 64, \(precision)"
        let wantsShared = precision == .bf16 && table.wants(shared)
        guard table.wants(name) || wantsShared else { return }
        let trainer = try Workload.trainer(precision, threads: self.threads, self.model)
        // As in a learner, every version is published in the place of the last one.
        var published = [UInt8](repeating: 0, count: trainer.layout.count * precision.bytesPerParameter)
        func step(_ groups: TokenBatch) throws -> Double {
            let seconds = try self.stopwatch.seconds { try Workload.train(trainer, groups) }
            published.withUnsafeMutableBytes { trainer.exportPolicy(into: $0) }
            return seconds
        }
        if wantsShared {
            let groups = Workload.groups(8, prompt: 64, responses: 8, tokens: 64, model: self.model)
            let rows = Double(groups.groups.indices.map(groups.rows).reduce(0, +))
            let flops =
                6 * (rows * Double(self.model.layerWeights) + 8 * 8 * 64 * Double(self.model.headWeights))
            let limit = self.machine.limit(flops: flops, bytes: 0, precision)
            table.add(
                shared, try self.repeated { try step(groups) }, "s", limit: limit.seconds, bound: limit.bound)
            table.add("resident memory, trainer in a GRPO step, \(precision)", [ProcessUsage.now.peakBytes / 1e9], "GB")
        }
        if table.wants(name) {
            let groups = Workload.groups(8, prompt: 1, responses: 1, tokens: 192, model: self.model)
            let limit = self.machine.training(self.model, precision)
            table.add(
                name, try self.repeated { 8 * 192 / (try step(groups)) }, "tokens/s", limit: 1 / limit.seconds,
                bound: limit.bound)
        }
    }
}
