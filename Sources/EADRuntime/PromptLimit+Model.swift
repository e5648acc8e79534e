package import EADConfiguration
import EADCore
package import EADEnvironments
package import EADModels
import EADSampling

extension PromptLimit {
    /// What a model leaves room for.
    /// - Parameters:
    ///   - trainingResponse: The longest response in training; nil when it does not matter.
    ///   - heldOutResponse: The same in evaluations.
    package init(
        _ file: ModelFile, _ prompts: PromptEncoder, trainingResponse: Int?, heldOutResponse: Int?
    ) {
        self.init(
            context: file.shape.contextLength, trainingResponse: trainingResponse, heldOutResponse: heldOutResponse,
            measuresEvery: prompts.isChat, count: { prompt throws(RoleFailure) in try prompts.encode(prompt).count })
    }

    /// What the model of a cluster file leaves room for.
    /// - Throws: `ModelFileError` where the file cannot be read, as on a host that does not compute; `RoleFailure` where the
    ///   template is not made for the model, or the model has none for chats.
    package init(_ configuration: ClusterConfiguration) throws {
        let file = try ModelFile(path: configuration.model.path)
        self.init(
            file, try PromptEncoder(file, Tokenizer(file), task: configuration.task),
            trainingResponse: configuration.sampling.maxTokens,
            heldOutResponse: configuration.evaluation.isWanted ? configuration.evaluation.sampling.maxTokens : nil)
    }
}
