package import EADCore

/// A family of models: what its tensors are, in the order of the flat array, and what files call them.
///
/// The tensors it lists are also the options of its block: a projection has a bias where a bias is listed for it. A
/// family whose block has parts that are known is one file beside this one, its place in `all`, and a fixture.
package struct Family: Sendable {
    /// `general.architecture` of GGUF files, whose keys begin with it, and `model_type` of Hugging Face's.
    package let name: FamilyName
    /// Those before the layers, those of a layer, and those after them.
    package let tensors: [TensorDescription]
    /// What config.json may say.
    let configuration: ConfigurationRules

    /// Every family that can be run.
    package static let all: [Family] = [.llama, .qwen2]

    /// The family of that name; nil when none is.
    package init?(named name: FamilyName) {
        guard let family = Self.all.first(where: { $0.name == name }) else { return nil }
        self = family
    }

    init(name: FamilyName, tensors: [TensorDescription], configuration: ConfigurationRules) {
        self.name = name
        self.tensors = tensors
        self.configuration = configuration
    }
}
