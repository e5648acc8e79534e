import CEADKernels
import EADCore
import EADEngine

/// The matrices of a model packed a second time, for dX = dY W: the output projection, and one layer at a time.
///
/// A layer is packed when its backward pass begins, which takes less than a hundredth of the pass; all layers would be as
/// large as the policy.
final class TransposedPanels {
    /// The output projection: the embedding when tied.
    let head: WeightPanels.Part
    private let weights: WeightPanels
    private let headMemory: DeviceBuffer
    private let layerMemory: DeviceBuffer

    /// The matrices of the layer packed last.
    struct Layer {
        let queryKeyValue: WeightPanels.Part
        let output: WeightPanels.Part
        let gateUp: WeightPanels.Part
        let down: WeightPanels.Part
    }

    init(_ weights: WeightPanels, _ device: Device) throws(EngineError) {
        let head = weights.head
        let words = (weights.layers.first?.parts ?? []).map { Self.words($0, weights.precision) }
        self.headMemory = try DeviceBuffer(device, UInt32.self, count: Self.words(head, weights.precision))
        self.layerMemory = try DeviceBuffer(device, UInt32.self, count: words.reduce(0, +))
        self.head = Self.transposed(head, at: self.headMemory.units, weights.precision)
        self.weights = weights
    }

    private static func words(_ part: WeightPanels.Part, _ precision: Precision) -> Int {
        PackedMatrix.words(columns: part.place.columns, depth: part.place.rows, precision: precision)
    }

    private static func transposed(
        _ part: WeightPanels.Part, at panels: DevicePointer<UInt32>, _ precision: Precision
    ) -> WeightPanels.Part {
        WeightPanels.Part(
            place: part.place,
            matrix: PackedMatrix(
                panels: panels, columns: part.place.columns, depth: part.place.rows, precision: precision))
    }

    private func pack(_ part: WeightPanels.Part, _ compute: Compute, from parameters: DevicePointer<Float>) {
        ead_pack(
            compute.pointer,
            ead_pack_args(
                w: (parameters + part.place.offset).address, w_stride: part.place.columns,
                panels: part.matrix.panels.address,
                rows: part.place.rows, columns: part.place.columns, transposed: 1, bf16: self.weights.precision.isBF16))
    }

    func packHead(_ compute: Compute, from parameters: DevicePointer<Float>) {
        self.pack(self.head, compute, from: parameters)
    }

    /// Packs a layer over the one packed before.
    func layer(_ index: Int, _ compute: Compute, from parameters: DevicePointer<Float>) -> Layer {
        var next = self.layerMemory.units
        func packed(_ part: WeightPanels.Part) -> WeightPanels.Part {
            let transposed = Self.transposed(part, at: next, self.weights.precision)
            next = next + Self.words(part, self.weights.precision)
            self.pack(transposed, compute, from: parameters)
            return transposed
        }
        let layer = self.weights.layers[index]
        return Layer(
            queryKeyValue: packed(layer.queryKeyValue), output: packed(layer.output), gateUp: packed(layer.gateUp),
            down: packed(layer.down))
    }
}
