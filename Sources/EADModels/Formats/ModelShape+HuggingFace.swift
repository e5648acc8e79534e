import EADCore

extension ModelShape {
    /// Reads the sizes of a model of any family and refuses every variant that the engine would compute wrongly.
    package init(_ configuration: HuggingFaceConfiguration) throws(ModelFileError) {
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
        let layers = try configuration.requiredInteger("num_hidden_layers", in: few)
        let bias = rules.read.contains("attention_bias") ? try configuration.flag("attention_bias") ?? false : false
        let base = rope.base ?? rules.ropeBase
        self.init(
            family: family.name, layers: layers,
            hidden: hidden, feedForward: try configuration.requiredInteger("intermediate_size", in: size),
            heads: heads, keyValueHeads: keyValueHeads, headSize: headSize,
            vocabulary: try configuration.requiredInteger("vocab_size", in: size),
            contextLength: try configuration.requiredInteger("max_position_embeddings", in: size),
            ropeBase: base,
            normEpsilon: try configuration.positive("rms_norm_eps") ?? 1e-6,
            tiedEmbedding: try configuration.flag("tie_word_embeddings") ?? rules.isTied,
            queryKeyValueBias: bias, outputBias: bias,
            ropeDivisors: rope.scaling?.divisors(headSize: headSize, base: base) ?? [],
            unrotatedLayers: try family.unrotatedLayers(configuration, layers: layers))
        guard heads % keyValueHeads == 0 else {
            throw configuration.fault(
                .badMetadata, "\(heads) query heads cannot share \(keyValueHeads) key-value heads")
        }
        guard headSize % 2 == 0 else {
            throw configuration.fault(.badMetadata, "heads have \(headSize) elements; rotary positions need pairs")
        }
    }
}

extension Family {
    /// The layers that do not rotate by position.
    fileprivate func unrotatedLayers(
        _ configuration: HuggingFaceConfiguration, layers: Int
    ) throws(ModelFileError) -> [Int] {
        guard self.configuration.read.contains("no_rope_layers") else { return [] }
        guard let value = configuration["no_rope_layers"] else {
            let interval = try configuration.integer("no_rope_layer_interval", in: 1...(1 << 12))
            return Self.unrotated(layers: layers, interval: interval ?? self.unrotatedInterval)
        }
        guard case .list(let rotations) = value, rotations.count == layers,
            rotations.allSatisfy({ $0.wholeNumber == 0 || $0.wholeNumber == 1 })
        else {
            throw configuration.fault(.badMetadata, "no_rope_layers is not a 0 or 1 for each of the \(layers) layers")
        }
        // Transformers counts the layers that do rotate, whatever the name says.
        return rotations.indices.filter { rotations[$0].wholeNumber == 0 }
    }
}
