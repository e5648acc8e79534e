package import EADCore

/// What a tensor does in a model, whatever a file calls it.
package enum TensorPart: Hashable, Sendable, CaseIterable {
    case embedding
    case inputNorm
    case query, key, value
    case queryBias, keyBias, valueBias
    /// Of each head, before it is rotated.
    case queryNorm, keyNorm
    case output, outputBias
    case postNorm
    case gate, up, down
    case finalNorm
    /// The output projection of a model that does not use the embedding for it.
    case head
}

/// One tensor of a family, or one of each layer: its names, its shape, and whether every model has it.
package struct TensorDescription: Sendable {
    package typealias Size = any KeyPath<ModelShape, Int> & Sendable
    package typealias Option = any WritableKeyPath<ModelShape, Bool> & Sendable

    /// In what order a GGUF file has the rows of a matrix, or the elements of its bias.
    package enum GGUFOrder: Hashable, Sendable {
        case plain
        /// The two halves of a head as neighbours: stored row `2i + j` of a head of size d is row `j * d/2 + i`.
        case rotaryPairs
    }

    package let part: TensorPart
    /// The name in safetensors files; an asterisk stands for the number of the layer.
    package let huggingFace: String
    /// The name in GGUF files, likewise.
    package let gguf: String
    /// Nil for a vector.
    let rows: Size?
    let columns: Size
    let order: GGUFOrder
    /// Which property of the shape says that a model has it; nil when all models have.
    private(set) var option: Option?

    /// Whether each layer has one.
    package var isPerLayer: Bool { self.huggingFace.contains("*") }

    static func matrix(
        _ part: TensorPart, _ huggingFace: String, _ gguf: String, rows: Size, columns: Size,
        order: GGUFOrder = .plain
    ) -> TensorDescription {
        TensorDescription(
            part: part, huggingFace: huggingFace + ".weight", gguf: gguf + ".weight", rows: rows, columns: columns,
            order: order)
    }

    static func norm(
        _ part: TensorPart, _ huggingFace: String, _ gguf: String, count: Size = \.hidden
    ) -> TensorDescription {
        TensorDescription(
            part: part, huggingFace: huggingFace + ".weight", gguf: gguf + ".weight", rows: nil, columns: count,
            order: .plain)
    }

    static func bias(
        _ part: TensorPart, _ huggingFace: String, _ gguf: String, count: Size, order: GGUFOrder = .plain
    ) -> TensorDescription {
        TensorDescription(
            part: part, huggingFace: huggingFace + ".bias", gguf: gguf + ".bias", rows: nil, columns: count,
            order: order)
    }

    /// The same, but only in models whose shape says so.
    func present(when option: Option) -> TensorDescription {
        var copy = self
        copy.option = option
        return copy
    }
}
