/// The sizes of a Llama-family transformer.
package struct ModelShape: Hashable, Sendable, Encodable {
    package var layers: Int
    package var hidden: Int
    package var feedForward: Int
    package var heads: Int
    package var keyValueHeads: Int
    package var headSize: Int
    package var vocabulary: Int
    package var contextLength: Int
    package var ropeBase: Float
    package var normEpsilon: Float
    /// Whether the output projection is the embedding matrix.
    package var tiedEmbedding: Bool
    /// Whether the projections to q, k and v add a bias.
    package var queryKeyValueBias: Bool

    package init(
        layers: Int, hidden: Int, feedForward: Int, heads: Int, keyValueHeads: Int, headSize: Int, vocabulary: Int,
        contextLength: Int, ropeBase: Float, normEpsilon: Float, tiedEmbedding: Bool,
        queryKeyValueBias: Bool = false
    ) {
        self.layers = layers
        self.hidden = hidden
        self.feedForward = feedForward
        self.heads = heads
        self.keyValueHeads = keyValueHeads
        self.headSize = headSize
        self.vocabulary = vocabulary
        self.contextLength = contextLength
        self.ropeBase = ropeBase
        self.normEpsilon = normEpsilon
        self.tiedEmbedding = tiedEmbedding
        self.queryKeyValueBias = queryKeyValueBias
    }
}

extension ModelShape: Decodable {
    /// Checkpoints from before there were biases do not mention them.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys) throws -> Value {
            try container.decode(Value.self, forKey: key)
        }
        self.init(
            layers: try value(.layers), hidden: try value(.hidden), feedForward: try value(.feedForward),
            heads: try value(.heads), keyValueHeads: try value(.keyValueHeads), headSize: try value(.headSize),
            vocabulary: try value(.vocabulary), contextLength: try value(.contextLength),
            ropeBase: try value(.ropeBase), normEpsilon: try value(.normEpsilon),
            tiedEmbedding: try value(.tiedEmbedding),
            queryKeyValueBias: try container.decodeIfPresent(Bool.self, forKey: .queryKeyValueBias) ?? false)
    }
}

/// The arithmetic of forward and backward passes; master weights and moments are 32-bit in both.
package enum Precision: String, Hashable, Sendable, Codable, CaseIterable {
    /// bfloat16 operands, 32-bit accumulation.
    case bf16
    case f32

    /// Bytes of one published parameter.
    package var bytesPerParameter: Int { self == .bf16 ? 2 : 4 }
}
