import EADCore
import EADEngine
import EADModels
import EADSampling
import EADTransformer

/// Weights and requests, of SmolLM2-135M's shape unless another is given. Weights are random: arithmetic takes the same time for any.
enum Workload {
    static let model = ModelShape(
        layers: 30, hidden: 576, feedForward: 1536, heads: 9, keyValueHeads: 3, headSize: 64, vocabulary: 49_152,
        contextLength: 8192, ropeBase: 100_000, normEpsilon: 1e-5, tiedEmbedding: true)

    /// Small numbers around zero, norms one, by a linear congruence.
    private static func parameters(_ model: ModelShape) -> [Float] {
        let layout = ParameterLayout(model)
        var state: UInt32 = 1
        var values = [Float](repeating: 0, count: layout.count)
        values.withUnsafeMutableBufferPointer { values in
            for index in values.indices {
                state = state &* 1_664_525 &+ 1_013_904_223
                values[index] = (Float(state >> 8) * 0x1p-24 - 0.5) * 0.1
            }
            for entry in layout.entries where entry.rows == 1 {
                for index in entry.range { values[index] = 1 }
            }
        }
        return values
    }

    static func weights(_ precision: Precision, _ model: ModelShape = Self.model) throws -> PolicyWeights {
        let values = Self.parameters(model)
        func make(_ bytes: UnsafeRawBufferPointer) throws -> PolicyWeights {
            try PolicyWeights(
                shape: model, precision: precision, parameters: bytes, version: PolicyVersion(0), threads: 2)
        }
        switch precision {
        case .f32: return try values.withUnsafeBytes(make)
        case .bf16: return try values.map { UInt16($0.bitPattern >> 16) }.withUnsafeBytes(make)
        }
    }

    static func trainer(
        _ precision: Precision, threads: Int, _ model: ModelShape = Self.model
    ) throws -> Trainer {
        try Self.parameters(model).withUnsafeBufferPointer {
            try Trainer(
                shape: model, configuration: ComputeConfiguration(precision: precision, threads: threads),
                parameters: $0)
        }
    }

    private static func tokens(_ count: Int, seed: Int, of vocabulary: Int) -> [TokenID] {
        (0..<count).map { TokenID(truncatingIfNeeded: (seed &* 7919 &+ $0 &* 104_729) % vocabulary) }
    }

    /// One update on the groups.
    static func train(_ trainer: Trainer, _ groups: TokenBatch) throws {
        trainer.zeroGradients()
        for range in trainer.microBatches(of: groups) {
            try trainer.accumulate(groups.taking(range)) { logProbs, _ in
                TokenCoefficients(logProbs: logProbs.map { _ in -1e-3 })
            }
        }
        _ = try trainer.update(OptimizerConfiguration(learningRate: 1e-6))
    }

    static func request(
        _ group: Int, prompt: Int, tokens: Int, samples: Int = 1, model: ModelShape = Self.model
    ) -> GenerationRequest {
        let keys = (0..<UInt32(samples)).map {
            SampleKey(seed: 1, purpose: .training, step: GlobalStep(0), problem: UInt32(group), sample: $0)
        }
        return GenerationRequest(
            id: GroupID(step: GlobalStep(0), slot: UInt32(group)),
            promptTokens: Self.tokens(prompt, seed: group, of: model.vocabulary),
            samples: keys.map { SampleSpecification(key: $0) },
            sampling: SamplingConfiguration(
                schedule: .annealed(AnnealedSchedule()), maxTokens: tokens),
            step: GlobalStep(0), stopTokens: [])
    }

    /// Groups whose traces have zeros in every column.
    static func groups(
        _ count: Int, prompt: Int, responses: Int, tokens: Int, model: ModelShape = Self.model
    ) -> TokenBatch {
        var batch = TokenBatch()
        for group in 0..<count {
            batch.append(
                promptTokens: Self.tokens(prompt, seed: group, of: model.vocabulary),
                responses: (0..<responses).map {
                    TokenTrace(
                        tokens: Self.tokens(
                            tokens, seed: 100 + group * responses + $0, of: model.vocabulary),
                        columns: Dictionary(
                            uniqueKeysWithValues: TokenTrace.Column.allCases.map {
                                ($0, Array(repeating: 0, count: tokens))
                            }))
                })
        }
        return batch
    }
}
