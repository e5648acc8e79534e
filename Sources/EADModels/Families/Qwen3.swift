import EADCore

extension Family {
    /// Qwen3, dense: each head of q and k is normalised before it is rotated; attention may have biases.
    ///
    /// Its GGUF files have the rows of q and k in the order of Hugging Face.
    package static let qwen3 = Family(
        name: "qwen3", className: "Qwen3ForCausalLM",
        tensors: [DecoderTensors.embedding] + DecoderTensors.projections(.plain, bias: .optional)
            + DecoderTensors.headNorms
            + [DecoderTensors.output, DecoderTensors.outputBias] + DecoderTensors.feedForward + DecoderTensors.end,
        configuration: ConfigurationRules(
            read: ["attention_bias"], ignored: ConfigurationRules.windowSizes,
            fixed: ConfigurationRules.withoutWindow, headSize: 128))
}
