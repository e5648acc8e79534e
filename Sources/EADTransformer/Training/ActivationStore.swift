import EADCore
import EADEngine
import EADModels

/// What a forward pass keeps of each layer for the backward pass.
///
/// Per row and layer: the residual stream twice (f32), q, the attention output, and gate and up (in the precision of
/// the products); q and k once more in a model that normalises their heads.
final class ActivationStore {
    let rows: Int
    private let shape: ModelShape
    private let precision: Precision
    private let stream: DeviceBuffer
    private let queries: DeviceBuffer
    private let attention: DeviceBuffer
    private let gateUp: DeviceBuffer
    private let projected: DeviceBuffer?

    init(shape: ModelShape, precision: Precision, rows: Int, _ device: Device) throws(EngineError) {
        self.rows = rows
        self.shape = shape
        self.precision = precision
        let queryUnits = precision.units(shape.heads * shape.headSize)
        self.stream = try DeviceBuffer(device, Float.self, count: (2 * shape.layers + 1) * rows * shape.hidden)
        self.queries = try DeviceBuffer(device, UInt32.self, count: shape.layers * rows * queryUnits)
        self.attention = try DeviceBuffer(device, UInt32.self, count: shape.layers * rows * queryUnits)
        self.gateUp = try DeviceBuffer(
            device, UInt32.self, count: shape.layers * rows * precision.units(2 * shape.feedForward))
        self.projected =
            shape.hasHeadNorms
            ? try DeviceBuffer(
                device, UInt32.self, count: shape.layers * rows * precision.units(shape.queries + shape.keys)) : nil
    }

    /// The state of every layer, from row `first` on.
    func states(from first: Int = 0) -> [ForwardPass.LayerState] {
        let hidden = self.shape.hidden
        let queryUnits = self.precision.units(self.shape.heads * self.shape.headSize)
        let normedUnits = self.precision.units(self.shape.queries + self.shape.keys)
        let wideUnits = self.precision.units(2 * self.shape.feedForward)
        return (0..<self.shape.layers).map { layer in
            ForwardPass.LayerState(
                input: self.stream.floats + (2 * layer * self.rows + first) * hidden,
                middle: self.stream.floats + ((2 * layer + 1) * self.rows + first) * hidden,
                output: self.stream.floats + ((2 * layer + 2) * self.rows + first) * hidden,
                queries: self.queries.units + (layer * self.rows + first) * queryUnits,
                attention: self.attention.units + (layer * self.rows + first) * queryUnits,
                projected: self.projected.map { $0.units + (layer * self.rows + first) * normedUnits },
                gateUp: self.gateUp.units + (layer * self.rows + first) * wideUnits)
        }
    }

    /// The residual stream after the last layer.
    var final: DevicePointer<Float> {
        self.stream.floats + 2 * self.shape.layers * self.rows * self.shape.hidden
    }
}
