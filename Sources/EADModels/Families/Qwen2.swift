import EADCore

extension Family {
    /// Qwen2 and Qwen2.5: q, k and v always have biases.
    ///
    /// Its GGUF files have the rows of q and k in the order of Hugging Face.
    package static let qwen2 = Family(
        name: "qwen2", className: "Qwen2ForCausalLM",
        tensors: [DecoderTensors.embedding] + DecoderTensors.projections(.plain, bias: .always) + [
            DecoderTensors.output
        ]
            + DecoderTensors.feedForward + DecoderTensors.end,
        configuration: ConfigurationRules(
            ignored: ConfigurationRules.windowSizes, fixed: ConfigurationRules.withoutWindow))
}
