import EADCore

/// The tensors that the families of this kind of decoder share.
///
/// Each list is in the order of the flat array.
enum DecoderTensors {
    /// How the biases of q, k and v are.
    enum Bias {
        case always
        /// Where the shape says so.
        case optional
    }

    static let embedding = TensorDescription.matrix(
        .embedding, "model.embed_tokens", "token_embd", rows: \.vocabulary, columns: \.hidden)

    /// The norm before attention, and the projections to q, k and v.
    static func projections(_ order: TensorDescription.GGUFOrder, bias: Bias) -> [TensorDescription] {
        let biases = [
            TensorDescription.bias(
                .queryBias, "model.layers.*.self_attn.q_proj", "blk.*.attn_q", count: \.queries, order: order),
            .bias(.keyBias, "model.layers.*.self_attn.k_proj", "blk.*.attn_k", count: \.keys, order: order),
            .bias(.valueBias, "model.layers.*.self_attn.v_proj", "blk.*.attn_v", count: \.keys),
        ]
        return [
            .norm(.inputNorm, "model.layers.*.input_layernorm", "blk.*.attn_norm"),
            .matrix(
                .query, "model.layers.*.self_attn.q_proj", "blk.*.attn_q", rows: \.queries, columns: \.hidden,
                order: order),
            .matrix(
                .key, "model.layers.*.self_attn.k_proj", "blk.*.attn_k", rows: \.keys, columns: \.hidden, order: order),
            .matrix(.value, "model.layers.*.self_attn.v_proj", "blk.*.attn_v", rows: \.keys, columns: \.hidden),
        ] + (bias == .always ? biases : biases.map { $0.present(when: \.queryKeyValueBias) })
    }

    /// RMSNorm of each head of q and k.
    static let headNorms: [TensorDescription] = [
        .norm(.queryNorm, "model.layers.*.self_attn.q_norm", "blk.*.attn_q_norm", count: \.headSize),
        .norm(.keyNorm, "model.layers.*.self_attn.k_norm", "blk.*.attn_k_norm", count: \.headSize),
    ]

    static let output = TensorDescription.matrix(
        .output, "model.layers.*.self_attn.o_proj", "blk.*.attn_output", rows: \.hidden, columns: \.queries)

    static let outputBias = TensorDescription.bias(
        .outputBias, "model.layers.*.self_attn.o_proj", "blk.*.attn_output", count: \.hidden
    ).present(when: \.outputBias)

    static let feedForward: [TensorDescription] = [
        .norm(.postNorm, "model.layers.*.post_attention_layernorm", "blk.*.ffn_norm"),
        .matrix(.gate, "model.layers.*.mlp.gate_proj", "blk.*.ffn_gate", rows: \.feedForward, columns: \.hidden),
        .matrix(.up, "model.layers.*.mlp.up_proj", "blk.*.ffn_up", rows: \.feedForward, columns: \.hidden),
        .matrix(.down, "model.layers.*.mlp.down_proj", "blk.*.ffn_down", rows: \.hidden, columns: \.feedForward),
    ]

    /// The last norm, and the output projection of a model with one of its own.
    static let end: [TensorDescription] = [
        .norm(.finalNorm, "model.norm", "output_norm"),
        .matrix(.head, "lm_head", "output", rows: \.vocabulary, columns: \.hidden).present(when: \.hasOwnHead),
    ]
}
