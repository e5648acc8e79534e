import EADCore
import EADEngine
import EADModels
import EADSampling
import EADTestKit
import Foundation

@testable import EADTransformer

/// A model with its parameters in flat order.
struct TestModel {
    var shape: ModelShape
    var parameters: [Float]

    /// Random weights that keep activations of order one: matrices scaled by 1 / sqrt(columns), norms around 1,
    /// biases around 0.
    static func random(
        family: FamilyName = "llama", layers: Int = 2, hidden: Int = 48, feedForward: Int = 80, heads: Int = 3,
        keyValueHeads: Int = 1,
        headSize: Int = 16, vocabulary: Int = 131, contextLength: Int = 160, tied: Bool = true, bias: Bool = false,
        outputBias: Bool = false, ropeDivisors: [Float] = [], unrotatedLayers: [Int] = [], seed: UInt64 = 5
    ) -> TestModel {
        let shape = ModelShape(
            family: family, layers: layers, hidden: hidden, feedForward: feedForward, heads: heads,
            keyValueHeads: keyValueHeads,
            headSize: headSize, vocabulary: vocabulary, contextLength: contextLength, ropeBase: 10_000,
            normEpsilon: 1e-5, tiedEmbedding: tied, queryKeyValueBias: bias, outputBias: outputBias,
            ropeDivisors: ropeDivisors, unrotatedLayers: unrotatedLayers)
        let layout = ParameterLayout(shape)
        var random = PhiloxGenerator(seed: seed)
        var parameters = [Float](repeating: 0, count: layout.count)
        for entry in layout.entries {
            let scale = 1.7 / Float(entry.columns).squareRoot()
            for index in entry.range {
                let x = Float.random(in: -1...1, using: &random)
                parameters[index] =
                    !entry.isVector ? scale * x * 1.7 : entry.name.hasSuffix(".bias") ? 0.5 * x : 1 + 0.3 * x
            }
        }
        return TestModel(shape: shape, parameters: parameters)
    }

    /// The real model when it is in the cache.
    static let real: TestModel? = {
        guard let path = CachedAssets.model, let file = try? ModelFile(path: path) else { return nil }
        var parameters = [Float](repeating: 0, count: file.layout.count)
        // A file that cannot be read fails the tests of ModelFile; here it only disables.
        guard (try? parameters.withUnsafeMutableBufferPointer({ try file.readParameters(into: $0) })) != nil else {
            return nil
        }
        return TestModel(shape: file.shape, parameters: parameters)
    }()

    func weights(_ precision: Precision, version: UInt64 = 0, device: Device? = nil) throws -> PolicyWeights {
        let compute = try Compute(device ?? Device(), threads: 1)
        switch precision {
        case .f32:
            return try self.parameters.withUnsafeBytes {
                try PolicyWeights(
                    shape: self.shape, precision: precision, parameters: $0, version: PolicyVersion(version), compute)
            }
        case .bf16:
            return try self.parameters.map { UInt16($0.roundedToBF16.bitPattern >> 16) }.withUnsafeBytes {
                try PolicyWeights(
                    shape: self.shape, precision: precision, parameters: $0, version: PolicyVersion(version), compute)
            }
        }
    }

    /// Logits `[position][vocabulary]` of one sequence, computed `chunk` positions at a time.
    func logits(
        _ tokens: [TokenID], precision: Precision, threads: Int = 2, device: Device? = nil, chunk: Int = .max
    ) throws -> [[Float]] {
        let device = try device ?? Device()
        let compute = try Compute(device, threads: threads)
        let forward = try ForwardPass(
            shape: self.shape, precision: precision, compute: compute, rotary: try RotaryTable(self.shape, compute),
            progress: EngineProgress())
        let weights = try self.weights(precision, device: device)
        let pages = KeyValuePages(shape: self.shape, precision: precision, compute: compute)
        let table = PageTable(pages)
        try table.extend(to: tokens.count)
        var rows: [[Float]] = []
        var begin = 0
        while begin < tokens.count {
            let part = Array(tokens[begin..<min(tokens.count, chunk == .max ? tokens.count : begin + chunk)])
            let segment = ForwardPass.Segment(row: 0, rows: part.count, position: begin, pages: table)
            let stream = try forward.run(
                tokens: part, segments: [segment], positions: tokens.count, weights: weights.panels, pages: pages)
            let hidden = try DeviceBuffer(device, UInt32.self, count: part.count * forward.hiddenUnits)
            forward.normalise(stream, weights.panels.finalNorm.values, into: hidden.units, rows: part.count)
            let logits = try DeviceBuffer(device, Float.self, count: part.count * self.shape.vocabulary)
            weights.panels.head.matrix.multiply(compute, hidden.units, rows: part.count, into: logits.floats)
            for row in 0..<part.count {
                var values = [Float](repeating: 0, count: self.shape.vocabulary)
                compute.download(logits.floats + row * self.shape.vocabulary, into: &values)
                rows.append(values)
            }
            begin += part.count
        }
        return rows
    }
}

extension Float {
    /// The nearest bfloat16, ties to even.
    var roundedToBF16: Float {
        let bits = self.bitPattern
        return Float(bitPattern: (bits &+ 0x7fff &+ ((bits >> 16) & 1)) & 0xffff_0000)
    }
}

extension Trainer {
    var parameters: [Float] { self.download(.parameters) }
    var gradients: [Float] { self.download(.gradients) }
    var firstMoments: [Float] { self.download(.firstMoments) }
    var secondMoments: [Float] { self.download(.secondMoments) }
}

extension Array where Element == Float {
    var bits: [UInt32] { self.map(\.bitPattern) }
}
