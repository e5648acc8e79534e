import EADCore
package import EADModels

/// The parameters of a model as passes want them: typed places in the flat array, found once.
///
/// What a block has is said by which places are there: a model whose projections have no bias has no place for one.
package struct ParameterSet: Hashable, Sendable {
    /// A matrix of the flat array, of one tensor or of neighbouring ones, one below the other.
    package struct Matrix: Hashable, Sendable {
        package let offset: Int
        package let rows: Int
        package let columns: Int
    }

    /// A vector of the flat array, of one tensor or of neighbouring ones, one behind the other.
    package struct Vector: Hashable, Sendable {
        package let offset: Int
        package let count: Int
    }

    package struct Layer: Hashable, Sendable {
        package let inputNorm: Vector
        /// Rows of q, then of k, then of v.
        package let queryKeyValue: Matrix
        package let queryKeyValueBias: Vector?
        /// Of each head of q, and of k.
        package let queryNorm: Vector?
        package let keyNorm: Vector?
        /// From the heads to the residual stream.
        package let output: Matrix
        package let outputBias: Vector?
        package let postNorm: Vector
        /// Rows of gate, then of up.
        package let gateUp: Matrix
        package let down: Matrix

        /// Every vector once.
        package var vectors: [Vector] {
            [self.inputNorm, self.postNorm]
                + [self.queryKeyValueBias, self.queryNorm, self.keyNorm, self.outputBias].compactMap { $0 }
        }
    }

    package let embedding: Matrix
    package let layers: [Layer]
    package let finalNorm: Vector
    /// The output projection; the embedding when tied.
    package let head: Matrix

    package init(_ layout: ParameterLayout) {
        let places = Places(layout)
        self.embedding = places.matrix([.embedding])
        self.layers = (0..<layout.shape.layers).map { layer in
            Layer(
                inputNorm: places.vector([.inputNorm], layer),
                queryKeyValue: places.matrix([.query, .key, .value], layer),
                queryKeyValueBias: places.has(.queryBias, layer)
                    ? places.vector([.queryBias, .keyBias, .valueBias], layer) : nil,
                queryNorm: places.option(.queryNorm, layer), keyNorm: places.option(.keyNorm, layer),
                output: places.matrix([.output], layer), outputBias: places.option(.outputBias, layer),
                postNorm: places.vector([.postNorm], layer),
                gateUp: places.matrix([.gate, .up], layer), down: places.matrix([.down], layer))
        }
        self.finalNorm = places.vector([.finalNorm])
        self.head = places.has(.head) ? places.matrix([.head]) : self.embedding
    }

    package var isHeadTied: Bool { self.head == self.embedding }

    /// Every matrix once.
    package var matrices: [Matrix] {
        let layers = self.layers.flatMap { [$0.queryKeyValue, $0.output, $0.gateUp, $0.down] }
        return [self.embedding] + layers + (self.isHeadTied ? [] : [self.head])
    }

    /// Every vector once.
    package var vectors: [Vector] {
        self.layers.flatMap(\.vectors) + [self.finalNorm]
    }
}

/// The entries of a layout by what they are.
private struct Places {
    private struct Key: Hashable {
        let part: TensorPart
        let layer: Int?
    }

    private let entries: [Key: ParameterLayout.Entry]

    init(_ layout: ParameterLayout) {
        self.entries = Dictionary(
            uniqueKeysWithValues: layout.entries.map { (Key(part: $0.part, layer: $0.layer), $0) })
    }

    func has(_ part: TensorPart, _ layer: Int? = nil) -> Bool { self.entries[Key(part: part, layer: layer)] != nil }

    /// The vector of a part that not every model has.
    func option(_ part: TensorPart, _ layer: Int) -> ParameterSet.Vector? {
        self.has(part, layer) ? self.vector([part], layer) : nil
    }

    func matrix(_ parts: [TensorPart], _ layer: Int? = nil) -> ParameterSet.Matrix {
        let entries = self.neighbours(parts, layer)
        precondition(entries.allSatisfy { $0.columns == entries[0].columns }, "what is joined is equally wide")
        return ParameterSet.Matrix(
            offset: entries[0].offset, rows: entries.reduce(0) { $0 + $1.rows }, columns: entries[0].columns)
    }

    func vector(_ parts: [TensorPart], _ layer: Int? = nil) -> ParameterSet.Vector {
        let entries = self.neighbours(parts, layer)
        return ParameterSet.Vector(offset: entries[0].offset, count: entries.reduce(0) { $0 + $1.count })
    }

    private func neighbours(_ parts: [TensorPart], _ layer: Int?) -> [ParameterLayout.Entry] {
        let entries = parts.map { part in
            guard let entry = self.entries[Key(part: part, layer: layer)] else {
                preconditionFailure("every family has \(part)")
            }
            return entry
        }
        for (entry, next) in zip(entries, entries.dropFirst()) {
            precondition(entry.range.upperBound == next.offset, "a family lists \(next.part) behind \(entry.part)")
        }
        return entries
    }
}
