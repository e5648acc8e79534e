import EADCore
import EADEngine
import EADTransformer
import Foundation

/// How the cost of a decoding step and of an update grows; plotted by growth.py.
struct GrowthBench {
    let threads: Int
    let stopwatch: Stopwatch

    struct Series: Codable {
        var name: String
        /// What the horizontal axis counts.
        var x: String
        /// What the vertical axis counts.
        var y: String
        var points: [Point]
    }

    struct Point: Codable {
        var x: Double
        var y: Double
    }

    /// Series as JSON, each printed as it is measured.
    func measure() throws -> Data {
        let weights = try Workload.weights(.bf16)
        var series: [Series] = []
        for batch in [1, 8] {
            series.append(
                try self.series(
                    "batch \(batch)", x: "context", y: "ms per decoding step", [64, 128, 256, 512, 1024, 2048, 4096]
                ) {
                    try self.decode(weights, batch: batch, context: $0) * 1e3
                })
        }
        series.append(
            try self.series(
                "context 64", x: "batch", y: "ms per decoding step", [1, 2, 4, 8, 16, 32, 64, 128, 192, 256]
            ) {
                try self.decode(weights, batch: $0, context: 64) * 1e3
            })
        let trainer = try Workload.trainer(.bf16, threads: self.threads)
        series.append(
            try self.series("sequences of 128", x: "tokens", y: "s per update", [128, 256, 512, 1024, 2048]) { tokens in
                let groups = Workload.groups(tokens / 128, prompt: 1, responses: 1, tokens: 128)
                try Workload.train(trainer, groups)
                return try self.stopwatch.seconds { try Workload.train(trainer, groups) }
            })
        return try JSONEncoder().encode(series)
    }

    private func series(
        _ name: String, x: String, y: String, _ values: [Int], _ measure: (Int) throws -> Double
    ) throws -> Series {
        var series = Series(name: name, x: x, y: y, points: [])
        for value in values {
            let point = Point(x: Double(value), y: try measure(value))
            print("\(name): \(x) \(value), \(String(format: "%.3f", point.y)) \(y)")
            series.points.append(point)
        }
        return series
    }

    /// Seconds of a step: the median of twelve, samples of one prompt.
    private func decode(_ weights: PolicyWeights, batch: Int, context: Int) throws -> Double {
        let generator = try Generator(
            shape: Workload.model, configuration: ComputeConfiguration(precision: .bf16, threads: self.threads),
            lanes: batch, tokenBytes: { _ in [] })
        generator.install(weights)
        try generator.submit(Workload.request(0, prompt: context, tokens: 16, samples: batch))
        for _ in 0..<2 { _ = try generator.step() }
        let times = try (0..<12).map { _ in try self.stopwatch.seconds { _ = try generator.step() } }.sorted()
        return (times[5] + times[6]) / 2
    }
}
