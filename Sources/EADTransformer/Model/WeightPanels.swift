import CEADKernels
import EADCore
import EADEngine
import EADModels

/// All weights of a model in the form the kernels read: matrices in panels, norms and biases as floats.
///
/// In bf16 every parameter is the rounding of its source, norms, biases and embedding included: what is computed with
/// is what is published.
final class WeightPanels {
    struct Layer {
        var inputNorm: DevicePointer<Float>
        /// Rows of q, k and v, one below the other.
        var queryKeyValue: PackedMatrix
        /// Biases of q, k and v, one behind the other; nil in a model without.
        var queryKeyValueBias: DevicePointer<Float>?
        var output: PackedMatrix
        var postNorm: DevicePointer<Float>
        /// Rows of gate, then of up.
        var gateUp: PackedMatrix
        var down: PackedMatrix
    }

    let layout: ParameterLayout
    let precision: Precision
    private(set) var layers: [Layer] = []
    private(set) var finalNorm: DevicePointer<Float>
    private(set) var embedding: PackedMatrix
    /// The embedding's panels when tied.
    private(set) var head: PackedMatrix
    private let memory: DeviceBuffer
    private let vectorMemory: DeviceBuffer
    private let parts: [Part]
    private let vectors: [Vector]

    /// A matrix of the flat array (possibly several neighbouring entries) and its panels.
    struct Part {
        var offset: Int
        var rows: Int
        var columns: Int
        var matrix: PackedMatrix
    }

    /// A vector of the flat array (possibly several neighbouring entries) and its copy.
    private struct Vector {
        var offset: Int
        var count: Int
        var values: DevicePointer<Float>
    }

    init(shape: ModelShape, precision: Precision, _ device: Device) throws(EngineError) {
        try shape.checkSupported()
        let layout = ParameterLayout(shape)
        let queries = shape.heads * shape.headSize
        let joined = queries + 2 * shape.keyValueHeads * shape.headSize
        var sizes = [(shape.vocabulary, shape.hidden)]
        for _ in 0..<shape.layers {
            sizes += [
                (joined, shape.hidden), (shape.hidden, queries), (2 * shape.feedForward, shape.hidden),
                (shape.hidden, shape.feedForward),
            ]
        }
        if !shape.tiedEmbedding { sizes.append((shape.vocabulary, shape.hidden)) }
        let words = sizes.map { PackedMatrix.words(columns: $0.0, depth: $0.1, precision: precision) }
        let memory = try DeviceBuffer(device, UInt32.self, count: words.reduce(0, +))
        var next = memory.units
        var matrices: [PackedMatrix] = []
        for (size, count) in zip(sizes, words) {
            matrices.append(PackedMatrix(panels: next, columns: size.0, depth: size.1, precision: precision))
            next = next + count
        }
        // The first entry of each part, in the order of `sizes`.
        var starts = [layout.offset("model.embed_tokens.weight")]
        for layer in 0..<shape.layers {
            starts += ["self_attn.q_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.down_proj"].map {
                layout.offset(layer: layer, $0 + ".weight")
            }
        }
        if !shape.tiedEmbedding { starts.append(layout.offset("lm_head.weight")) }
        self.parts = zip(starts, matrices).map { start, matrix in
            Part(offset: start, rows: matrix.columns, columns: matrix.depth, matrix: matrix)
        }

        let perLayer = 2 * shape.hidden + (shape.queryKeyValueBias ? joined : 0)
        let vectorMemory = try DeviceBuffer(device, Float.self, count: shape.layers * perLayer + shape.hidden)
        var place = vectorMemory.floats
        var vectors: [Vector] = []
        func vector(_ offset: Int, _ count: Int) -> DevicePointer<Float> {
            defer { place = place + count }
            vectors.append(Vector(offset: offset, count: count, values: place))
            return place
        }
        for layer in 0..<shape.layers {
            let m = 1 + 4 * layer
            let bias = shape.queryKeyValueBias ? layout.offset(layer: layer, "self_attn.q_proj.bias") : nil
            self.layers.append(
                Layer(
                    inputNorm: vector(layout.offset(layer: layer, "input_layernorm.weight"), shape.hidden),
                    queryKeyValue: matrices[m], queryKeyValueBias: bias.map { vector($0, joined) },
                    output: matrices[m + 1],
                    postNorm: vector(layout.offset(layer: layer, "post_attention_layernorm.weight"), shape.hidden),
                    gateUp: matrices[m + 2], down: matrices[m + 3]))
        }
        self.finalNorm = vector(layout.offset("model.norm.weight"), shape.hidden)
        self.vectors = vectors
        self.embedding = matrices[0]
        self.head = shape.tiedEmbedding ? matrices[0] : matrices[matrices.count - 1]
        self.memory = memory
        self.vectorMemory = vectorMemory
        self.layout = layout
        self.precision = precision
    }

    /// Packs from 32-bit parameters in layout order, rounding to bf16 when this is the precision.
    func pack(_ compute: Compute, from parameters: DevicePointer<Float>) {
        for part in self.parts {
            ead_pack(
                compute.pointer,
                ead_pack_args(
                    w: (parameters + part.offset).address, w_stride: part.columns, panels: part.matrix.panels.address,
                    rows: part.rows, columns: part.columns, transposed: 0, bf16: self.precision.isBF16))
        }
        for vector in self.vectors {
            ead_pack_vector(
                compute.pointer,
                ead_pack_vector_args(
                    x: (parameters + vector.offset).address, out: vector.values.address, count: vector.count,
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
                    w: (halves + part.offset).address, panels: part.matrix.panels.address, rows: part.rows,
                    columns: part.columns))
        }
        for vector in self.vectors {
            ead_pack_vector_bf16(
                compute.pointer,
                ead_pack_vector_bf16_args(
                    x: (halves + vector.offset).address, out: vector.values.address, count: vector.count))
        }
    }

    /// The joined projections to q, k and v, the one after attention, gate and up joined, and down.
    func parts(ofLayer layer: Int) -> ArraySlice<Part> { self.parts[1 + 4 * layer..<5 + 4 * layer] }

    /// The output projection: the embedding when tied.
    var headPart: Part { self.layout.shape.tiedEmbedding ? self.parts[0] : self.parts[self.parts.count - 1] }
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
