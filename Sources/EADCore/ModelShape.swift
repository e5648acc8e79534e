/// The sizes of a Llama-family transformer.
public struct ModelShape: Hashable, Sendable, Codable {
    public var layers: Int
    public var hidden: Int
    public var feedForward: Int
    public var heads: Int
    public var keyValueHeads: Int
    public var headSize: Int
    public var vocabulary: Int
    public var contextLength: Int
    public var ropeBase: Float
    public var normEpsilon: Float
    /// Whether the output projection is the embedding matrix.
    public var tiedEmbedding: Bool

    public init(
        layers: Int, hidden: Int, feedForward: Int, heads: Int, keyValueHeads: Int, headSize: Int, vocabulary: Int,
        contextLength: Int, ropeBase: Float, normEpsilon: Float, tiedEmbedding: Bool
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
    }
}

/// The arithmetic of forward and backward passes; master weights and moments are 32-bit in both.
public enum Precision: String, Hashable, Sendable, Codable, CaseIterable {
    /// bfloat16 operands, 32-bit accumulation.
    case bf16
    case f32

    /// Bytes of one published parameter.
    public var bytesPerParameter: Int { self == .bf16 ? 2 : 4 }
}
