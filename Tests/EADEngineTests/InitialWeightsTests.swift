import EADCore
import EADModels
import EADTestKit
import Testing

@testable import EADEngine

@Suite struct InitialWeightsTests {
    private let layout = ParameterLayout(
        ModelShape(
            family: "qwen2", layers: 8, hidden: 64, feedForward: 96, heads: 4, keyValueHeads: 2, headSize: 16,
            vocabulary: 300, contextLength: 64, ropeBase: 10_000, normEpsilon: 1e-5, tiedEmbedding: false,
            queryKeyValueBias: true))

    private func drawn(_ seed: UInt64, deviation: Double = 0.02) -> [Float] {
        var values = [Float](repeating: .nan, count: self.layout.count)
        values.withUnsafeMutableBufferPointer {
            InitialWeights(self.layout, deviation: deviation, seed: seed).fill($0)
        }
        return values
    }

    @Test func normsAreOneBiasesZeroAndMatricesAsWideAsTheyShouldBe() {
        let values = self.drawn(3)
        for entry in self.layout.entries {
            let part = values[entry.range].map(Double.init)
            switch entry.part {
            case .inputNorm, .postNorm, .finalNorm: #expect(part.allSatisfy { $0 == 1 }, "\(entry.name)")
            case .queryBias, .keyBias, .valueBias: #expect(part.allSatisfy { $0 == 0 }, "\(entry.name)")
            default:
                let wanted = entry.part == .output || entry.part == .down ? 0.02 / 4 : 0.02
                let mean = part.reduce(0, +) / Double(part.count)
                let deviation = (part.reduce(0) { $0 + $1 * $1 } / Double(part.count)).squareRoot()
                // Five standard errors.
                #expect(abs(mean) < 5 * wanted / Double(part.count).squareRoot(), "\(entry.name)")
                #expect(abs(deviation / wanted - 1) < 5 / Double(2 * part.count).squareRoot(), "\(entry.name)")
                #expect(part.allSatisfy { abs($0) <= 6 * wanted })
            }
        }
    }

    @Test func aSeedGivesTheSameWeightsAndNoTwoTensorsShareNumbers() {
        #expect(self.drawn(3) == self.drawn(3))
        #expect(self.drawn(3) != self.drawn(4))
        let values = self.drawn(3)
        let starts = self.layout.entries.filter { !$0.isVector }.map { Array(values[$0.offset..<$0.offset + 4]) }
        #expect(Set(starts.map { $0.map { ($0 * 1e6).rounded() } }).count == starts.count)
    }
}
