import EADCore

extension ModelShape {
    /// Reads the sizes of a Llama model and refuses every variant that the engine would compute wrongly.
    init(_ metadata: GGUFMetadata, _ header: GGUFHeader) throws(ModelFileError) {
        let architecture = try metadata.requiredText("general.architecture")
        guard architecture == "llama" else {
            throw metadata.fault(
                .unsupported, "the model is of architecture \(architecture)", advice: "use a Llama-family model")
        }
        // The limits keep every product of two sizes, summed over all layers, far from overflow.
        let size = 1...(1 << 22)
        let heads = try metadata.requiredInteger("llama.attention.head_count", in: 1...(1 << 12))
        let hidden = try metadata.requiredInteger("llama.embedding_length", in: size)
        let keyValueHeads = try metadata.integer("llama.attention.head_count_kv", in: 1...(1 << 12)) ?? heads
        let headSize = try metadata.integer("llama.attention.key_length", in: 1...(1 << 12)) ?? hidden / heads
        guard let tokens = try metadata.arrayCount("tokenizer.ggml.tokens") else {
            throw metadata.fault(.missingMetadata, "metadata tokenizer.ggml.tokens is missing")
        }
        guard size.contains(tokens) else {
            throw metadata.fault(.badMetadata, "the vocabulary has \(tokens) tokens")
        }
        self.init(
            layers: try metadata.requiredInteger("llama.block_count", in: 1...(1 << 12)),
            hidden: hidden,
            feedForward: try metadata.requiredInteger("llama.feed_forward_length", in: size),
            heads: heads, keyValueHeads: keyValueHeads, headSize: headSize, vocabulary: tokens,
            contextLength: try metadata.requiredInteger("llama.context_length", in: size),
            // The value that GGUF prescribes when the key is absent.
            ropeBase: try metadata.positive("llama.rope.freq_base") ?? 10_000,
            normEpsilon: try metadata.requiredPositive("llama.attention.layer_norm_rms_epsilon"),
            tiedEmbedding: header.tensors["output.weight"] == nil,
            queryKeyValueBias: header.tensors["blk.0.attn_q.bias"] != nil)
        try self.rejectVariants(metadata)
    }

    private func rejectVariants(_ metadata: GGUFMetadata) throws(ModelFileError) {
        guard self.heads % self.keyValueHeads == 0 else {
            throw metadata.fault(
                .badMetadata, "\(self.heads) query heads cannot share \(self.keyValueHeads) key-value heads")
        }
        guard self.headSize > 0, self.headSize % 2 == 0 else {
            throw metadata.fault(.badMetadata, "heads have \(self.headSize) elements; rotary positions need pairs")
        }
        if let declared = try metadata.integer("llama.vocab_size", in: 0...Int.max), declared != self.vocabulary {
            throw metadata.fault(
                .badMetadata, "llama.vocab_size is \(declared), the tokenizer has \(self.vocabulary) tokens")
        }
        for key in ["llama.rope.dimension_count", "llama.attention.value_length"] {
            if let value = try metadata.integer(key, in: 0...Int.max), value != self.headSize {
                throw metadata.fault(
                    .unsupported, "\(key) is \(value) while heads have \(self.headSize) elements",
                    advice: "use a model where they are equal")
            }
        }
        if let scaling = try metadata.text("llama.rope.scaling.type"), scaling != "none" {
            throw metadata.fault(
                .unsupported, "positions are scaled (\(scaling))", advice: "use a model without RoPE scaling")
        }
        if let experts = try metadata.integer("llama.expert_count", in: 0...Int.max), experts != 0 {
            throw metadata.fault(
                .unsupported, "the model is a mixture of \(experts) experts", advice: "use a dense model")
        }
    }
}
