import EADCore

extension Family {
    /// SmolLM3: Llama, of whose layers some do not rotate by position.
    ///
    /// Its GGUF files have the rows of q and k in rotary order, and do not say which layers those are: every fourth.
    package static let smollm3 = Family(
        name: "smollm3", className: "SmolLM3ForCausalLM",
        tensors: [DecoderTensors.embedding] + DecoderTensors.projections(.rotaryPairs, bias: .optional)
            + [DecoderTensors.output, DecoderTensors.outputBias] + DecoderTensors.feedForward + DecoderTensors.end,
        configuration: ConfigurationRules(
            read: ["attention_bias", "no_rope_layers", "no_rope_layer_interval"],
            ignored: ConfigurationRules.windowSizes, fixed: ConfigurationRules.withoutWindow, ropeBase: 2_000_000,
            isTied: true),
        unrotatedInterval: 4)
}
