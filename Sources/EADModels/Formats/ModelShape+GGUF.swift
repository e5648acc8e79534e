import EADCore

extension ModelShape {
    /// Reads the sizes of a model of any family and refuses every variant that the engine would compute wrongly.
    init(_ metadata: GGUFMetadata, _ header: GGUFHeader) throws(ModelFileError) {
        let architecture = try metadata.requiredText("general.architecture")
        guard let family = Family(named: FamilyName(architecture)) else {
            let known = Family.all.map(\.name.rawValue).joined(separator: ", ")
            throw metadata.fault(
                .unsupported, "the model is of architecture \(architecture)", advice: "use a model of \(known)")
        }
        func key(_ name: String) -> String { architecture + "." + name }
        // The limits keep every product of two sizes, summed over all layers, far from overflow.
        let size = 1...(1 << 22)
        let heads = try metadata.requiredInteger(key("attention.head_count"), in: 1...(1 << 12))
        let hidden = try metadata.requiredInteger(key("embedding_length"), in: size)
        let keyValueHeads = try metadata.integer(key("attention.head_count_kv"), in: 1...(1 << 12)) ?? heads
        let headSize = try metadata.integer(key("attention.key_length"), in: 1...(1 << 12)) ?? hidden / heads
        guard let tokens = try metadata.arrayCount("tokenizer.ggml.tokens") else {
            throw metadata.fault(.missingMetadata, "metadata tokenizer.ggml.tokens is missing")
        }
        guard size.contains(tokens) else {
            throw metadata.fault(.badMetadata, "the vocabulary has \(tokens) tokens")
        }
        self.init(
            family: family.name,
            layers: try metadata.requiredInteger(key("block_count"), in: 1...(1 << 12)),
            hidden: hidden,
            feedForward: try metadata.requiredInteger(key("feed_forward_length"), in: size),
            heads: heads, keyValueHeads: keyValueHeads, headSize: headSize, vocabulary: tokens,
            contextLength: try metadata.requiredInteger(key("context_length"), in: size),
            // The value that GGUF prescribes when the key is absent.
            ropeBase: try metadata.positive(key("rope.freq_base")) ?? 10_000,
            normEpsilon: try metadata.requiredPositive(key("attention.layer_norm_rms_epsilon")),
            tiedEmbedding: false)
        self.unrotatedLayers = Family.unrotated(layers: self.layers, interval: family.unrotatedInterval)
        self.ropeDivisors = try header.ropeDivisors(headSize: headSize)
        // The first tensor of an option says whether the model has it; the others must then agree.
        for tensor in family.tensors.reversed() {
            guard let option = tensor.option else { continue }
            self[keyPath: option] = header.tensors[tensor.gguf.replacing("*", with: "0")] != nil
        }
        try self.rejectVariants(metadata)
    }

    private func rejectVariants(_ metadata: GGUFMetadata) throws(ModelFileError) {
        func key(_ name: String) -> String { self.family.rawValue + "." + name }
        guard self.heads % self.keyValueHeads == 0 else {
            throw metadata.fault(
                .badMetadata, "\(self.heads) query heads cannot share \(self.keyValueHeads) key-value heads")
        }
        guard self.headSize > 0, self.headSize % 2 == 0 else {
            throw metadata.fault(.badMetadata, "heads have \(self.headSize) elements; rotary positions need pairs")
        }
        if let declared = try metadata.integer(key("vocab_size"), in: 0...Int.max), declared != self.vocabulary {
            throw metadata.fault(
                .badMetadata,
                "\(key("vocab_size")) is \(declared), the tokenizer has \(self.vocabulary) tokens")
        }
        for key in [key("rope.dimension_count"), key("attention.value_length")] {
            if let value = try metadata.integer(key, in: 0...Int.max), value != self.headSize {
                throw metadata.fault(
                    .unsupported, "\(key) is \(value) while heads have \(self.headSize) elements",
                    advice: "use a model where they are equal")
            }
        }
        if let scaling = try metadata.text(key("rope.scaling.type")), scaling != "none" {
            throw metadata.fault(
                .unsupported, "positions are scaled (\(scaling))", advice: "use a model without RoPE scaling")
        }
        if let window = try metadata.integer(key("attention.sliding_window"), in: 0...Int.max),
            (1..<self.contextLength).contains(window)
        {
            throw metadata.fault(
                .unsupported, "attention reaches back \(window) positions only", advice: "use a model without a window")
        }
        if let experts = try metadata.integer(key("expert_count"), in: 0...Int.max), experts != 0 {
            throw metadata.fault(
                .unsupported, "the model is a mixture of \(experts) experts", advice: "use a dense model")
        }
    }
}
