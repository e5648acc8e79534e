import ArgumentParser
import EADCore
import EADEngine
import EADFiles
import EADTransformer
import Foundation

/// Measures the machine and the engine, and prints one table.
@main
struct EngineBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine-bench",
        abstract: "Measures the engine on the shape of a model as shares of what the machine can do.")

    @Option(help: "Threads that compute.") var threads = ProcessInfo.processInfo.activeProcessorCount
    @Option(help: "Write the figures as JSON to this file.") var json: String?
    @Option(help: "Runs of each measurement; the table shows their median and range.") var repetitions = 3
    @Flag(help: "Count processor time instead of wall-clock time: with --threads 1, for a machine that is busy.")
    var processorTime = false
    @Option(help: "Measure only figures whose name contains this.") var only: String?
    @Flag(help: "Measure each kernel alone.") var kernels = false
    @Option(help: "Measure how cost grows with context, batch and tokens, and write it as JSON to this file.")
    var growth: String?
    @Option(help: "The model file of the first-token figure.") var model = CacheDirectory.user.place(of: .model)

    @Option(
        help: """
            The shape of whole passes, with random weights: a name, or a directory with a config.json. The first-token \
            figure has the file's.
            """)
    var shape = BenchShape.named(.smollm2)

    func run() throws {
        guard self.repetitions >= 1, self.threads >= 1 else {
            throw ValidationError("--repetitions and --threads are at least 1")
        }
        let stopwatch = Stopwatch(processorTime: self.processorTime)
        if let path = self.growth {
            let growth = try GrowthBench(threads: self.threads, stopwatch: stopwatch).measure()
            try DurableFile.replace(path, with: growth.bytes)
            return
        }
        var table = FigureTable(only: self.only)
        let machine = MachinePeaks.measure(threads: self.threads)
        table.add("peak FMA, f32", [machine.f32 / 1e9], "GFLOP/s")
        // Without such an instruction bf16 is computed with f32 multiply-adds.
        if machine.bf16 > 0 { table.add("peak dot product, bf16", [machine.bf16 / 1e9], "GFLOP/s") }
        table.add("memory read", [machine.memoryRead / 1e9], "GB/s")
        if self.kernels {
            try KernelBench(
                machine: machine, threads: self.threads, repetitions: self.repetitions, stopwatch: stopwatch
            ).measure(&table)
        } else {
            let figures = ModelBench(
                model: try self.shape.model(), machine: machine, threads: self.threads, repetitions: self.repetitions,
                stopwatch: stopwatch)
            try figures.firstToken(self.model, &table)
            try figures.training(.bf16, &table)
            try figures.generation(.bf16, batches: [1, 8, 64], prefill: true, &table)
            try figures.training(.f32, &table)
            try figures.generation(.f32, batches: [64], prefill: false, &table)
        }
        if let path = self.json {
            try DurableFile.replace(path, with: table.json().bytes)
        }
    }
}
