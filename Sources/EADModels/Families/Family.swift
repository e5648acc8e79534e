package import EADCore

/// A family of models: what its tensors are, in the order of the flat array, and what files call them.
///
/// The tensors it lists are also the options of its block: a projection has a bias where a bias is listed for it. A
/// family whose block has parts that are known is one file beside this one, its place in `all`, and a fixture.
package struct Family: Sendable {
    /// `general.architecture` of GGUF files, whose keys begin with it, and `model_type` of Hugging Face's.
    package let name: FamilyName
    /// What transformers calls the class of its models.
    let className: String
    /// Those before the layers, those of a layer, and those after them.
    package let tensors: [TensorDescription]
    /// What config.json may say.
    let configuration: ConfigurationRules
    /// Where the last of every so many layers does not rotate by position, unless config.json says otherwise.
    let unrotatedInterval: Int?

    /// Every family that can be run.
    package static let all: [Family] = [.llama, .qwen2, .qwen3, .smollm3]

    /// The family of that name; nil when none is.
    package init?(named name: FamilyName) {
        guard let family = Self.all.first(where: { $0.name == name }) else { return nil }
        self = family
    }

    init(
        name: FamilyName, className: String, tensors: [TensorDescription], configuration: ConfigurationRules,
        unrotatedInterval: Int? = nil
    ) {
        self.name = name
        self.className = className
        self.tensors = tensors
        self.configuration = configuration
        self.unrotatedInterval = unrotatedInterval
    }

    /// The layers that do not rotate by position where the last of every so many does not.
    static func unrotated(layers: Int, interval: Int?) -> [Int] {
        guard let interval else { return [] }
        return (0..<layers).filter { ($0 + 1) % interval == 0 }
    }
}

extension ModelShape {
    /// Whether each head of q and k is normalised before it is rotated.
    package var hasHeadNorms: Bool {
        Family(named: self.family)?.tensors.contains { $0.part == .queryNorm } ?? false
    }
}
