import CEADKernels
import EADCore
import EADEngine
import EADModels

/// All weights of a model in the form the kernels read: matrices in panels, norms and biases as floats.
///
/// In bf16 every parameter is the rounding of its source, norms, biases and embedding included: what is computed with
/// is what is published.
final class WeightPanels {
    /// A matrix in panels, and its place in the flat array.
    struct Part {
        let place: ParameterSet.Matrix
        let matrix: PackedMatrix
    }

    /// A vector as floats, and its place in the flat array.
    struct Vector {
        let place: ParameterSet.Vector
        let values: DevicePointer<Float>
    }

    struct Layer {
        let inputNorm: Vector
        /// Rows of q, k and v, one below the other.
        let queryKeyValue: Part
        /// Biases of q, k and v, one behind the other; nil in a model without.
        let queryKeyValueBias: Vector?
        /// Norms of each head of q, and of k; nil in a model without.
        let headNorms: HeadNorms?
        /// Whether q and k are rotated by position.
        let isRotated: Bool
        let output: Part
        let outputBias: Vector?
        let postNorm: Vector
        /// Rows of gate, then of up.
        let gateUp: Part
        let down: Part

        var parts: [Part] { [self.queryKeyValue, self.output, self.gateUp, self.down] }
        var vectors: [Vector] {
            [self.inputNorm, self.postNorm]
                + [self.queryKeyValueBias, self.headNorms?.queries, self.headNorms?.keys, self.outputBias]
                .compactMap { $0 }
        }
    }

    struct HeadNorms {
        let queries: Vector
        let keys: Vector
    }

    let layout: ParameterLayout
    let precision: Precision
    let embedding: Part
    let layers: [Layer]
    let finalNorm: Vector
    /// The output projection: the embedding when tied.
    let head: Part
    private let parts: [Part]
    private let vectors: [Vector]
    private let memory: DeviceBuffer
    private let vectorMemory: DeviceBuffer

    init(shape: ModelShape, precision: Precision, _ device: Device) throws(EngineError) {
        try shape.checkSupported()
        let layout = ParameterLayout(shape)
        let set = ParameterSet(layout)
        let words = { (place: ParameterSet.Matrix) in
            PackedMatrix.words(columns: place.rows, depth: place.columns, precision: precision)
        }
        let memory = try DeviceBuffer(device, UInt32.self, count: set.matrices.reduce(0) { $0 + words($1) })
        let vectorMemory = try DeviceBuffer(device, Float.self, count: set.vectors.reduce(0) { $0 + $1.count })
        var panels = memory.units
        var values = vectorMemory.floats
        func packed(_ place: ParameterSet.Matrix) -> Part {
            defer { panels = panels + words(place) }
            return Part(
                place: place,
                matrix: PackedMatrix(
                    panels: panels, columns: place.rows, depth: place.columns, precision: precision))
        }
        func copied(_ place: ParameterSet.Vector) -> Vector {
            defer { values = values + place.count }
            return Vector(place: place, values: values)
        }
        let embedding = packed(set.embedding)
        let layers = set.layers.enumerated().map { index, layer in
            let norms = layer.queryNorm.flatMap { queries in layer.keyNorm.map { (queries, $0) } }
            return Layer(
                inputNorm: copied(layer.inputNorm), queryKeyValue: packed(layer.queryKeyValue),
                queryKeyValueBias: layer.queryKeyValueBias.map(copied),
                headNorms: norms.map { HeadNorms(queries: copied($0), keys: copied($1)) },
                isRotated: !shape.unrotatedLayers.contains(index), output: packed(layer.output),
                outputBias: layer.outputBias.map(copied),
                postNorm: copied(layer.postNorm), gateUp: packed(layer.gateUp), down: packed(layer.down))
        }
        let head = set.isHeadTied ? nil : packed(set.head)
        self.layout = layout
        self.precision = precision
        self.embedding = embedding
        self.layers = layers
        self.finalNorm = copied(set.finalNorm)
        self.head = head ?? embedding
        self.parts = [embedding] + layers.flatMap(\.parts) + (head.map { [$0] } ?? [])
        self.vectors = layers.flatMap(\.vectors) + [self.finalNorm]
        self.memory = memory
        self.vectorMemory = vectorMemory
    }

    /// Packs from 32-bit parameters in layout order, rounding to bf16 when this is the precision.
    func pack(_ compute: Compute, from parameters: DevicePointer<Float>) {
        for part in self.parts {
            ead_pack(
                compute.pointer,
                ead_pack_args(
                    w: (parameters + part.place.offset).address, w_stride: part.place.columns,
                    panels: part.matrix.panels.address,
                    rows: part.place.rows, columns: part.place.columns, transposed: 0, bf16: self.precision.isBF16))
        }
        for vector in self.vectors {
            ead_pack_vector(
                compute.pointer,
                ead_pack_vector_args(
                    x: (parameters + vector.place.offset).address, out: vector.values.address,
                    count: vector.place.count,
                    bf16: self.precision.isBF16))
        }
    }

    /// Packs from published parameters, which are stored as bf16 or f32 by precision.
    func pack(_ compute: Compute, published parameters: DevicePointer<UInt8>) {
        guard self.precision == .bf16 else {
            self.pack(compute, from: parameters.rebound(to: Float.self))
            return
        }
        let halves = parameters.rebound(to: UInt16.self)
        for part in self.parts {
            ead_pack_bf16(
                compute.pointer,
                ead_pack_bf16_args(
                    w: (halves + part.place.offset).address, panels: part.matrix.panels.address, rows: part.place.rows,
                    columns: part.place.columns))
        }
        for vector in self.vectors {
            ead_pack_vector_bf16(
                compute.pointer,
                ead_pack_vector_bf16_args(
                    x: (halves + vector.place.offset).address, out: vector.values.address, count: vector.place.count))
        }
    }
}

extension ModelShape {
    /// Refuses sizes the kernels have no tiles for.
    func checkSupported() throws(EngineError) {
        func require(_ condition: Bool, _ reason: String) throws(EngineError) {
            if !condition { throw .unsupportedShape(reason) }
        }
        let sizes = [
            self.layers, self.hidden, self.feedForward, self.heads, self.keyValueHeads, self.vocabulary,
            self.contextLength,
        ]
        try require(sizes.allSatisfy { $0 > 0 }, "a size is not positive")
        try require(
            self.headSize % 2 == 0 && self.headSize <= 256,
            "heads have \(self.headSize) elements; the kernels need an even number up to 256")
        try require(
            self.heads % self.keyValueHeads == 0,
            "\(self.heads) query heads cannot share \(self.keyValueHeads) key/value heads")
        try require(
            self.heads / self.keyValueHeads <= 48, "more than 48 query heads share one key/value head")
    }
}
