import EADCore

extension Family {
    /// Qwen2 and Qwen2.5: q, k and v always have biases.
    ///
    /// Its GGUF files have the rows of q and k in the order of Hugging Face.
    package static let qwen2 = Family(
        name: "qwen2",
        tensors: [
            .matrix(.embedding, "model.embed_tokens", "token_embd", rows: \.vocabulary, columns: \.hidden),
            .norm(.inputNorm, "model.layers.*.input_layernorm", "blk.*.attn_norm"),
            .matrix(.query, "model.layers.*.self_attn.q_proj", "blk.*.attn_q", rows: \.queries, columns: \.hidden),
            .matrix(.key, "model.layers.*.self_attn.k_proj", "blk.*.attn_k", rows: \.keys, columns: \.hidden),
            .matrix(.value, "model.layers.*.self_attn.v_proj", "blk.*.attn_v", rows: \.keys, columns: \.hidden),
            .bias(.queryBias, "model.layers.*.self_attn.q_proj", "blk.*.attn_q", count: \.queries),
            .bias(.keyBias, "model.layers.*.self_attn.k_proj", "blk.*.attn_k", count: \.keys),
            .bias(.valueBias, "model.layers.*.self_attn.v_proj", "blk.*.attn_v", count: \.keys),
            .matrix(
                .output, "model.layers.*.self_attn.o_proj", "blk.*.attn_output", rows: \.hidden, columns: \.queries),
            .norm(.postNorm, "model.layers.*.post_attention_layernorm", "blk.*.ffn_norm"),
            .matrix(.gate, "model.layers.*.mlp.gate_proj", "blk.*.ffn_gate", rows: \.feedForward, columns: \.hidden),
            .matrix(.up, "model.layers.*.mlp.up_proj", "blk.*.ffn_up", rows: \.feedForward, columns: \.hidden),
            .matrix(.down, "model.layers.*.mlp.down_proj", "blk.*.ffn_down", rows: \.hidden, columns: \.feedForward),
            .norm(.finalNorm, "model.norm", "output_norm"),
            .matrix(.head, "lm_head", "output", rows: \.vocabulary, columns: \.hidden).present(when: \.hasOwnHead),
        ],
        configuration: ConfigurationRules(
            ignored: ConfigurationRules.windowSizes, fixed: ConfigurationRules.withoutWindow))
}
