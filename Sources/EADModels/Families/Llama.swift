import EADCore

extension Family {
    /// Llama and what is built like it, such as Llama 3, TinyLlama and SmolLM2; attention may have biases.
    ///
    /// Its GGUF files have the rows of q and k in rotary order.
    package static let llama = Family(
        name: "llama", className: "LlamaForCausalLM",
        tensors: [DecoderTensors.embedding] + DecoderTensors.projections(.rotaryPairs, bias: .optional)
            + [DecoderTensors.output, DecoderTensors.outputBias] + DecoderTensors.feedForward + DecoderTensors.end,
        configuration: ConfigurationRules(
            read: ["attention_bias"], maySkipKeyValueHeads: true,
            derivedTensors: ["model.layers.*.self_attn.rotary_emb.inv_freq"]))
}
