import EADCore
import EADEngine
import Glibc

/// cos and sin of position * base^(-2 i / headSize), computed in double and rounded once: `[position][headSize / 2]`.
final class RotaryTable {
    private let memory: AlignedBuffer
    let cosines: UnsafePointer<Float>
    let sines: UnsafePointer<Float>

    var bytes: Int { self.memory.bytes }

    init(_ shape: ModelShape) throws(EngineError) {
        let half = shape.headSize / 2
        let count = shape.contextLength * half
        let memory = try AlignedBuffer(Float.self, count: 2 * count)
        for pair in 0..<half {
            let frequency = pow(Double(shape.ropeBase), -2 * Double(pair) / Double(shape.headSize))
            for position in 0..<shape.contextLength {
                let angle = Double(position) * frequency
                memory.floats[position * half + pair] = Float(cos(angle))
                memory.floats[count + position * half + pair] = Float(sin(angle))
            }
        }
        self.memory = memory
        self.cosines = UnsafePointer(memory.floats)
        self.sines = UnsafePointer(memory.floats + count)
    }
}
