import EADCore

/// What a config.json of Hugging Face may say in a family, and what it means when it does not say it.
///
/// Every key is one of these: read into the shape, without effect on what is computed, or known with the values that
/// the engine implements. Anything else is another model than the engine would compute, and is refused by name.
package struct ConfigurationRules: Sendable {
    /// Keys that are read beyond those of every family.
    var read: Set<String> = []
    /// Keys that change nothing, whatever they say.
    var ignored: Set<String> = []
    /// Keys that change nothing as long as they say this.
    var fixed: [String: [JSONValue]] = [:]
    /// The size of a head where head_dim is absent; nil for what the hidden size leaves each.
    var headSize: Int?
    var ropeBase: Float = 10_000
    var isTied = false
    /// Whether num_key_value_heads may be absent, for as many as there are query heads.
    var maySkipKeyValueHeads = false
    /// Tensors that are in files of the family and follow from config.json; an asterisk stands for the layer.
    var derivedTensors: Set<String> = []

    static let readByAll: Set<String> = [
        "model_type", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
        "num_key_value_heads", "head_dim", "rms_norm_eps", "rope_theta", "rope_scaling", "rope_parameters",
        "max_position_embeddings", "tie_word_embeddings",
    ]
    /// What concerns files, tokenizers, initial weights, and training by other programs.
    static let ignoredByAll: Set<String> = [
        "architectures", "bos_token_id", "eos_token_id", "pad_token_id", "dtype", "torch_dtype", "use_cache",
        "attention_dropout", "initializer_range", "pretraining_tp", "transformers_version", "_name_or_path",
        "tokenizer_class", "transformers.js_config", "unsloth_version", "unsloth_fixed", "is_llama_config",
        "output_attentions", "output_hidden_states", "return_dict", "_attn_implementation_autoset",
        "attn_implementation", "_attn_implementation",
    ]
    static let fixedByAll: [String: [JSONValue]] = [
        "hidden_act": [.text("silu"), .text("swish")], "mlp_bias": [.flag(false)], "is_causal": [.flag(true)],
        "rope_interleaved": [.flag(false)], "is_encoder_decoder": [.flag(false)], "is_decoder": [.flag(false)],
        "add_cross_attention": [.flag(false)], "use_mrope": [.flag(false)],
        "partial_rotary_factor": [.integer(1)], "chunk_size_feed_forward": [.integer(0)],
    ]
    /// Attention over a window, which some families can have and none has here.
    static let withoutWindow: [String: [JSONValue]] = ["use_sliding_window": [.flag(false)]]
    static let windowSizes: Set<String> = ["sliding_window", "max_window_layers"]

    /// Refuses keys that are not known and values that are not implemented.
    func check(_ configuration: HuggingFaceConfiguration, family: String) throws(ModelFileError) {
        for key in configuration.members.map(\.key).sorted() {
            // Null is how a configuration says that it has no such thing.
            guard let value = configuration[key] else { continue }
            if Self.readByAll.contains(key) || self.read.contains(key) { continue }
            if Self.ignoredByAll.contains(key) || self.ignored.contains(key) { continue }
            if key == "layer_types" {
                try Self.checkLayerTypes(value, configuration)
                continue
            }
            guard let allowed = self.fixed[key] ?? Self.fixedByAll[key] else {
                throw configuration.fault(
                    .unsupported, "\(key) is \(value.summary), and is not known in a model of \(family)",
                    advice: "use a model without it; remove the key only if it changes nothing that is computed")
            }
            guard allowed.contains(where: { $0 == value || $0.real != nil && $0.real == value.real }) else {
                let known = allowed.map(\.summary).joined(separator: " or ")
                throw configuration.fault(
                    .unsupported, "\(key) is \(value.summary), and only \(known) is implemented",
                    advice: "use a model where it is \(known)")
            }
        }
    }

    private static func checkLayerTypes(
        _ value: JSONValue, _ configuration: HuggingFaceConfiguration
    ) throws(ModelFileError) {
        guard case .list(let types) = value else {
            throw configuration.fault(.badMetadata, "layer_types is \(value.summary), not a list")
        }
        guard let other = types.first(where: { $0 != .text("full_attention") }) else { return }
        throw configuration.fault(
            .unsupported, "layer_types names \(other.summary), and only \"full_attention\" is implemented",
            advice: "use a model whose layers attend to all positions")
    }
}
