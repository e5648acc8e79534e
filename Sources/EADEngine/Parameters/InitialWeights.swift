import EADCore
package import EADModels
import EADSampling

/// The weights that a model begins with when it has none: random, and the same for a seed everywhere.
///
/// Matrices are drawn with mean 0 and the standard deviation that config.json calls `initializer_range`, those that lead
/// back into the residual stream (attention's output and the feed-forward's `down`) with that over the square root of
/// twice the layers (Radford et al. 2019). Norms are 1, biases 0. A number is the sum of twelve uniform ones less six: of
/// variance 1, close to normal, never beyond 6, and exact, where logarithms differ between machines.
package struct InitialWeights: Sendable {
    private let layout: ParameterLayout
    private let seed: UInt64
    /// The standard deviation of matrices.
    package let deviation: Double

    /// What is drawn with where config.json says nothing.
    package static let usualDeviation = 0.02

    /// - Throws: `ModelFileError` where config.json has a deviation that is no number above 0.
    package init(_ file: ModelFile, seed: UInt64) throws(ModelFileError) {
        self.init(file.layout, deviation: try file.initializerRange ?? Self.usualDeviation, seed: seed)
    }

    init(_ layout: ParameterLayout, deviation: Double, seed: UInt64) {
        self.layout = layout
        self.deviation = deviation
        self.seed = seed
    }

    /// Writes all weights.
    ///
    /// - Parameter parameters: `[layout.count]`
    package func fill(_ parameters: UnsafeMutableBufferPointer<Float>) {
        precondition(parameters.count == self.layout.count, "the buffer has one element per parameter")
        for (index, entry) in self.layout.entries.enumerated() {
            let part = UnsafeMutableBufferPointer(rebasing: parameters[entry.range])
            switch entry.part {
            case .inputNorm, .postNorm, .finalNorm, .queryNorm, .keyNorm: part.update(repeating: 1)
            case .queryBias, .keyBias, .valueBias, .outputBias: part.update(repeating: 0)
            case .output, .down:
                self.draw(part, UInt32(index), self.deviation / Double(2 * self.layout.shape.layers).squareRoot())
            case .embedding, .query, .key, .value, .gate, .up, .head:
                self.draw(part, UInt32(index), self.deviation)
            }
        }
    }

    private func draw(_ part: UnsafeMutableBufferPointer<Float>, _ tensor: UInt32, _ deviation: Double) {
        var generator = PhiloxGenerator(seed: self.seed, tensor: tensor)
        for index in part.indices {
            var sum: UInt64 = 0
            for _ in 0..<3 {
                let bits = generator.next()
                sum += (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + bits >> 48
            }
            // Twelve numbers from 0 to 65535 have this mean.
            part[index] = Float((Double(sum) - 6 * 65535) * 0x1p-16 * deviation)
        }
    }
}
