package import EADCore

/// The order and place of every parameter in one flat array: the form in which weights are trained, published,
/// hashed and saved.
///
/// Names and row-major shapes are those of Hugging Face Llama checkpoints (rotate-half RoPE, q and k rows not
/// permuted). The biases of a layer's q, k and v, where there are any, stand behind the three matrices.
package struct ParameterLayout: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package let name: String
        /// `[rows, columns]`; a vector has one row.
        package let rows: Int
        package let columns: Int
        /// Whether it is a norm or a bias, `[columns]`, rather than a matrix.
        package let isVector: Bool
        /// First element in the flat array.
        package let offset: Int
        package var count: Int { self.rows * self.columns }
        package var range: Range<Int> { self.offset..<self.offset + self.count }
    }

    package let shape: ModelShape
    package let entries: [Entry]
    /// Elements of the flat array.
    package let count: Int

    package init(_ shape: ModelShape) {
        var entries: [Entry] = []
        var offset = 0
        func add(_ name: String, _ rows: Int, _ columns: Int, isVector: Bool = false) {
            entries.append(Entry(name: name, rows: rows, columns: columns, isVector: isVector, offset: offset))
            offset += rows * columns
        }
        func add(vector name: String, _ count: Int) { add(name, 1, count, isVector: true) }
        let queries = shape.heads * shape.headSize
        let keys = shape.keyValueHeads * shape.headSize
        add("model.embed_tokens.weight", shape.vocabulary, shape.hidden)
        for layer in 0..<shape.layers {
            let prefix = "model.layers.\(layer)."
            add(vector: prefix + "input_layernorm.weight", shape.hidden)
            add(prefix + "self_attn.q_proj.weight", queries, shape.hidden)
            add(prefix + "self_attn.k_proj.weight", keys, shape.hidden)
            add(prefix + "self_attn.v_proj.weight", keys, shape.hidden)
            if shape.queryKeyValueBias {
                add(vector: prefix + "self_attn.q_proj.bias", queries)
                add(vector: prefix + "self_attn.k_proj.bias", keys)
                add(vector: prefix + "self_attn.v_proj.bias", keys)
            }
            add(prefix + "self_attn.o_proj.weight", shape.hidden, queries)
            add(vector: prefix + "post_attention_layernorm.weight", shape.hidden)
            add(prefix + "mlp.gate_proj.weight", shape.feedForward, shape.hidden)
            add(prefix + "mlp.up_proj.weight", shape.feedForward, shape.hidden)
            add(prefix + "mlp.down_proj.weight", shape.hidden, shape.feedForward)
        }
        add(vector: "model.norm.weight", shape.hidden)
        if !shape.tiedEmbedding { add("lm_head.weight", shape.vocabulary, shape.hidden) }
        self.shape = shape
        self.entries = entries
        self.count = offset
    }

    /// The entry of that name, nil when the model has none.
    package subscript(name: String) -> Entry? { self.entries.first { $0.name == name } }
}

extension ParameterLayout {
    /// The place of a tensor that every model has.
    package func offset(_ name: String) -> Int {
        guard let entry = self[name] else { preconditionFailure("\(name) is in every layout") }
        return entry.offset
    }

    /// The place of a layer's tensor.
    package func offset(layer: Int, _ name: String) -> Int { self.offset("model.layers.\(layer)." + name) }
}
