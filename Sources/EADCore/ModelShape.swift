/// The name of a family of models, as model files give it.
package struct FamilyName: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral,
    CustomStringConvertible
{
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ name: String) { self.rawValue = name }
    package init(stringLiteral name: String) { self.rawValue = name }

    package var description: String { self.rawValue }
}

/// The family and the sizes of a transformer.
package struct ModelShape: Hashable, Sendable, Encodable {
    /// Says which tensors there are.
    package var family: FamilyName
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
    /// Whether the projections to q, k and v add a bias, in a family that leaves it open.
    package var queryKeyValueBias: Bool
    /// Whether the projection from the heads adds a bias, likewise.
    package var outputBias: Bool
    /// What the frequency of each pair of a head is divided by, `[headSize / 2]`; empty where positions are not stretched.
    package var ropeDivisors: [Float]
    /// The layers whose attention does not rotate by position, in ascending order.
    package var unrotatedLayers: [Int]

    package init(
        family: FamilyName = "llama", layers: Int, hidden: Int, feedForward: Int, heads: Int, keyValueHeads: Int,
        headSize: Int, vocabulary: Int,
        contextLength: Int, ropeBase: Float, normEpsilon: Float, tiedEmbedding: Bool,
        queryKeyValueBias: Bool = false, outputBias: Bool = false, ropeDivisors: [Float] = [],
        unrotatedLayers: [Int] = []
    ) {
        self.family = family
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
        self.outputBias = outputBias
        self.ropeDivisors = ropeDivisors
        self.unrotatedLayers = unrotatedLayers
    }

    /// Elements of the queries of all heads.
    package var queries: Int { self.heads * self.headSize }
    /// Elements of the keys, and of the values, of all heads.
    package var keys: Int { self.keyValueHeads * self.headSize }
    /// Whether the output projection is a matrix of its own.
    package var hasOwnHead: Bool {
        get { !self.tiedEmbedding }
        set { self.tiedEmbedding = !newValue }
    }
}

extension ModelShape: Decodable {
    /// What is absent is as in a Llama without options.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys) throws -> Value {
            try container.decode(Value.self, forKey: key)
        }
        self.init(
            family: try container.decodeIfPresent(FamilyName.self, forKey: .family) ?? "llama",
            layers: try value(.layers), hidden: try value(.hidden), feedForward: try value(.feedForward),
            heads: try value(.heads), keyValueHeads: try value(.keyValueHeads), headSize: try value(.headSize),
            vocabulary: try value(.vocabulary), contextLength: try value(.contextLength),
            ropeBase: try value(.ropeBase), normEpsilon: try value(.normEpsilon),
            tiedEmbedding: try value(.tiedEmbedding),
            queryKeyValueBias: try container.decodeIfPresent(Bool.self, forKey: .queryKeyValueBias) ?? false,
            outputBias: try container.decodeIfPresent(Bool.self, forKey: .outputBias) ?? false,
            ropeDivisors: try container.decodeIfPresent([Float].self, forKey: .ropeDivisors) ?? [],
            unrotatedLayers: try container.decodeIfPresent([Int].self, forKey: .unrotatedLayers) ?? [])
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
