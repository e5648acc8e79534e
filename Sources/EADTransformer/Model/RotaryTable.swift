import EADCore
import EADEngine
import Glibc

/// cos and sin of position * base^(-2 i / headSize), divided by what the shape says of pair i, computed in double and
/// rounded once: `[position][headSize / 2]`.
final class RotaryTable {
    let cosines: DevicePointer<Float>
    let sines: DevicePointer<Float>
    private let memory: DeviceBuffer

    init(_ shape: ModelShape, _ compute: Compute) throws(EngineError) {
        let half = shape.headSize / 2
        let count = shape.contextLength * half
        self.memory = try DeviceBuffer(compute.device, Float.self, count: 2 * count)
        self.cosines = self.memory.floats
        self.sines = self.memory.floats + count
        guard !compute.device.isCounting else { return }
        var table = [Float](repeating: 0, count: 2 * count)
        for pair in 0..<half {
            let divisor = shape.ropeDivisors.isEmpty ? 1 : Double(shape.ropeDivisors[pair])
            let frequency = pow(Double(shape.ropeBase), -2 * Double(pair) / Double(shape.headSize)) / divisor
            for position in 0..<shape.contextLength {
                let angle = Double(position) * frequency
                table[position * half + pair] = Float(cos(angle))
                table[count + position * half + pair] = Float(sin(angle))
            }
        }
        compute.upload(table, to: self.cosines)
    }
}
