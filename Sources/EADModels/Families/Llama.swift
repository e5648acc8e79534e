import EADCore

extension Family {
    /// Llama and what is built like it, such as SmolLM2; q, k and v may have biases.
    ///
    /// Its GGUF files have the rows of q and k in rotary order.
    package static let llama = Family(
        name: "llama",
        tensors: [
            .matrix(.embedding, "model.embed_tokens", "token_embd", rows: \.vocabulary, columns: \.hidden),
            .norm(.inputNorm, "model.layers.*.input_layernorm", "blk.*.attn_norm"),
            .matrix(
                .query, "model.layers.*.self_attn.q_proj", "blk.*.attn_q", rows: \.queries, columns: \.hidden,
                order: .rotaryPairs),
            .matrix(
                .key, "model.layers.*.self_attn.k_proj", "blk.*.attn_k", rows: \.keys, columns: \.hidden,
                order: .rotaryPairs),
            .matrix(.value, "model.layers.*.self_attn.v_proj", "blk.*.attn_v", rows: \.keys, columns: \.hidden),
            .bias(
                .queryBias, "model.layers.*.self_attn.q_proj", "blk.*.attn_q", count: \.queries,
                order: .rotaryPairs
            ).present(when: \.queryKeyValueBias),
            .bias(
                .keyBias, "model.layers.*.self_attn.k_proj", "blk.*.attn_k", count: \.keys, order: .rotaryPairs
            ).present(when: \.queryKeyValueBias),
            .bias(
                .valueBias, "model.layers.*.self_attn.v_proj", "blk.*.attn_v", count: \.keys
            ).present(when: \.queryKeyValueBias),
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
            fixed: ["attention_bias": [.flag(false)]], maySkipKeyValueHeads: true,
            derivedTensors: ["model.layers.*.self_attn.rotary_emb.inv_freq"]))
}
