import ArgumentParser
import EADCore

/// Shapes of models that people have.
enum BenchShape: String, CaseIterable, ExpressibleByArgument {
    case smollm2 = "smollm2-135m"
    case qwen2 = "qwen2.5-0.5b"
    case llama3 = "llama-3.2-1b"

    var model: ModelShape {
        switch self {
        case .smollm2: Workload.model
        case .qwen2:
            ModelShape(
                family: "qwen2", layers: 24, hidden: 896, feedForward: 4864, heads: 14, keyValueHeads: 2,
                headSize: 64, vocabulary: 151_936, contextLength: 32_768, ropeBase: 1_000_000, normEpsilon: 1e-6,
                tiedEmbedding: true)
        case .llama3:
            // Without its divisors of rotary frequencies: they cost nothing.
            ModelShape(
                layers: 16, hidden: 2048, feedForward: 8192, heads: 32, keyValueHeads: 8, headSize: 64,
                vocabulary: 128_256, contextLength: 131_072, ropeBase: 500_000, normEpsilon: 1e-5,
                tiedEmbedding: true)
        }
    }
}
