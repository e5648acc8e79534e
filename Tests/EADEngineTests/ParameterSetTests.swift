import EADCore
import EADModels
import Testing

@testable import EADEngine

struct ParameterSetTests {
    static func shape(_ family: FamilyName, tied: Bool, bias: Bool) -> ModelShape {
        ModelShape(
            family: family, layers: 3, hidden: 12, feedForward: 20, heads: 4, keyValueHeads: 2, headSize: 6,
            vocabulary: 31, contextLength: 16, ropeBase: 10_000, normEpsilon: 1e-5, tiedEmbedding: tied,
            queryKeyValueBias: bias)
    }

    @Test(arguments: Family.all.map(\.name), [true, false])
    func everyParameterOfEveryFamilyIsInExactlyOnePlace(family: FamilyName, flag: Bool) {
        let layout = ParameterLayout(Self.shape(family, tied: flag, bias: flag))
        let set = ParameterSet(layout)
        let matrices = set.matrices.map { $0.offset..<$0.offset + $0.rows * $0.columns }
        let vectors = set.vectors.map { $0.offset..<$0.offset + $0.count }
        var end = 0
        for range in (matrices + vectors).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            #expect(range.lowerBound == end)
            end = range.upperBound
        }
        #expect(end == layout.count)
        #expect(set.isHeadTied == flag)
    }

    @Test func joinedMatricesBeginWithTheirFirstTensor() throws {
        let layout = ParameterLayout(Self.shape("llama", tied: true, bias: true))
        let set = ParameterSet(layout)
        let layer = set.layers[1]
        #expect(layer.queryKeyValue.offset == layout["model.layers.1.self_attn.q_proj.weight"]?.offset)
        #expect(layer.queryKeyValue.rows == 24 + 12 + 12 && layer.queryKeyValue.columns == 12)
        #expect(layer.queryKeyValueBias?.offset == layout["model.layers.1.self_attn.q_proj.bias"]?.offset)
        #expect(layer.queryKeyValueBias?.count == 48)
        #expect(layer.gateUp.offset == layout["model.layers.1.mlp.gate_proj.weight"]?.offset)
        #expect(
            ParameterSet(ParameterLayout(Self.shape("llama", tied: true, bias: false))).layers[1].queryKeyValueBias
                == nil)
        #expect(
            ParameterSet(ParameterLayout(Self.shape("qwen2", tied: true, bias: false))).layers[1].queryKeyValueBias
                != nil)
    }
}
