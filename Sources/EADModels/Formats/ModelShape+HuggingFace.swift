import EADCore

extension ModelShape {
    /// Reads the sizes of a model of any family and refuses every variant that the engine would compute wrongly.
    init(_ configuration: HuggingFaceConfiguration) throws(ModelFileError) {
        guard let type = try configuration.text("model_type") else {
            throw configuration.fault(.missingMetadata, "model_type is missing")
        }
        guard let family = Family(named: FamilyName(type)) else {
            let known = Family.all.map(\.name.rawValue).joined(separator: ", ")
            throw configuration.fault(
                .unsupported, "model_type is \(type)", advice: "use a model of \(known)")
        }
        let rules = family.configuration
        try rules.check(configuration, family: type)
        // The limits keep every product of two sizes, summed over all layers, far from overflow.
        let size = 1...(1 << 22)
        let few = 1...(1 << 12)
        let hidden = try configuration.requiredInteger("hidden_size", in: size)
        let heads = try configuration.requiredInteger("num_attention_heads", in: few)
        let keyValueHeads =
            rules.maySkipKeyValueHeads && configuration["num_key_value_heads"] == nil
            ? heads : try configuration.requiredInteger("num_key_value_heads", in: few)
        var headSize = try configuration.integer("head_dim", in: few) ?? rules.headSize ?? 0
        if headSize == 0 {
            guard hidden % heads == 0 else {
                throw configuration.fault(
                    .badMetadata, "\(heads) heads do not share \(hidden) elements evenly, and head_dim is missing")
            }
            headSize = hidden / heads
        }
        let rope = try RopeConfiguration(configuration)
        self.init(
            family: family.name, layers: try configuration.requiredInteger("num_hidden_layers", in: few),
            hidden: hidden, feedForward: try configuration.requiredInteger("intermediate_size", in: size),
            heads: heads, keyValueHeads: keyValueHeads, headSize: headSize,
            vocabulary: try configuration.requiredInteger("vocab_size", in: size),
            contextLength: try configuration.requiredInteger("max_position_embeddings", in: size),
            ropeBase: rope.base ?? rules.ropeBase,
            normEpsilon: try configuration.positive("rms_norm_eps") ?? 1e-6,
            tiedEmbedding: try configuration.flag("tie_word_embeddings") ?? rules.isTied)
        guard heads % keyValueHeads == 0 else {
            throw configuration.fault(
                .badMetadata, "\(heads) query heads cannot share \(keyValueHeads) key-value heads")
        }
        guard headSize % 2 == 0 else {
            throw configuration.fault(.badMetadata, "heads have \(headSize) elements; rotary positions need pairs")
        }
    }
}
