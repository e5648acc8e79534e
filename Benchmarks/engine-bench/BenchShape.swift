import ArgumentParser
import EADCore
import EADModels

/// The shape that whole passes have: of a model that people have, by its name, or of the config.json in a directory.
enum BenchShape: ExpressibleByArgument {
    case named(Name)
    case directory(String)

    enum Name: String, CaseIterable {
        case smollm2 = "smollm2-135m"
        case qwen2 = "qwen2.5-0.5b"
        case llama3 = "llama-3.2-1b"
    }

    init?(argument: String) {
        if let name = Name(rawValue: argument) {
            self = .named(name)
        } else if argument.contains("/") {
            self = .directory(argument)
        } else {
            return nil
        }
    }

    static var allValueStrings: [String] { Name.allCases.map(\.rawValue) + ["DIRECTORY/"] }

    var defaultValueDescription: String {
        switch self {
        case .named(let name): name.rawValue
        case .directory(let path): path
        }
    }

    /// - Throws: `ModelFileError` when the directory has no config.json that is understood.
    func model() throws -> ModelShape {
        switch self {
        case .named(.smollm2): Workload.model
        case .named(.qwen2):
            ModelShape(
                family: "qwen2", layers: 24, hidden: 896, feedForward: 4864, heads: 14, keyValueHeads: 2,
                headSize: 64, vocabulary: 151_936, contextLength: 32_768, ropeBase: 1_000_000, normEpsilon: 1e-6,
                tiedEmbedding: true)
        case .named(.llama3):
            // Without its divisors of rotary frequencies: they cost nothing.
            ModelShape(
                layers: 16, hidden: 2048, feedForward: 8192, heads: 32, keyValueHeads: 8, headSize: 64,
                vocabulary: 128_256, contextLength: 131_072, ropeBase: 500_000, normEpsilon: 1e-5,
                tiedEmbedding: true)
        case .directory(let path):
            try ModelShape(HuggingFaceDirectory(path: path).configuration)
        }
    }
}
