import CEADKernels
import EADCore

/// The matrices of a model packed a second time, for dX = dY W.
final class TransposedPanels {
    private let memory: AlignedBuffer
    private let parts: [WeightPanels.Part]
    let precision: Precision
    private let layersCount: Int
    private let tied: Bool

    init(_ weights: WeightPanels) throws(EngineError) {
        let precision = weights.precision
        let words = weights.matrices.map {
            PackedMatrix.words(columns: $0.columns, depth: $0.rows, precision: precision)
        }
        let memory = try AlignedBuffer(UInt32.self, count: words.reduce(0, +))
        var next = memory.units
        self.parts = zip(weights.matrices, words).map { part, count in
            defer { next += count }
            var part = part
            part.matrix = PackedMatrix(
                panels: next, columns: part.columns, depth: part.rows, precision: precision)
            return part
        }
        self.memory = memory
        self.precision = precision
        self.layersCount = weights.layers.count
        self.tied = weights.layout.shape.tiedEmbedding
    }

    var bytes: Int { self.memory.bytes }

    func pack(_ compute: Compute, from parameters: UnsafePointer<Float>) {
        for (index, part) in self.parts.enumerated() where index > 0 || self.tied {
            ead_pack(
                compute.pointer,
                ead_pack_args(
                    w: parameters + part.offset, w_stride: part.columns, panels: part.matrix.panels, rows: part.rows,
                    columns: part.columns, transposed: 1, bf16: self.precision.isBF16))
        }
    }

    func queryKeyValue(_ layer: Int) -> WeightPanels.Part { self.parts[1 + 4 * layer] }
    func output(_ layer: Int) -> WeightPanels.Part { self.parts[2 + 4 * layer] }
    func gateUp(_ layer: Int) -> WeightPanels.Part { self.parts[3 + 4 * layer] }
    func down(_ layer: Int) -> WeightPanels.Part { self.parts[4 + 4 * layer] }
    /// The output projection: the embedding when tied.
    var head: WeightPanels.Part { self.tied ? self.parts[0] : self.parts[self.parts.count - 1] }
}
