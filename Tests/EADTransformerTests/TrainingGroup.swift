import EADCore
import EADEngine
import EADTestKit
import EADTransformer

/// A prompt with its responses, as a test writes them down.
struct TrainingGroup {
    var promptTokens: [TokenID]
    var responses: [[TokenID]]
}

extension TokenBatch {
    init(_ groups: [TrainingGroup]) {
        self.init()
        for group in groups {
            self.append(promptTokens: group.promptTokens, responses: group.responses.map(TokenTrace.filled))
        }
    }

    /// One value per response token as [group][response][token].
    func nested(_ flat: [Float]) -> [[[Float]]] {
        self.groups.map { group in self.responses[group].map { Array(flat[$0]) } }
    }
}

/// The trainer's interface with values as [group][response][token], in which tests say what they expect.
extension Trainer {
    func logProbs(_ groups: [TrainingGroup], under other: PolicyWeights? = nil) throws(EngineError) -> [[[Float]]] {
        let batch = TokenBatch(groups)
        return batch.nested(try self.logProbs(batch, under: other))
    }

    func accumulate(_ groups: [TrainingGroup], _ coefficients: ([[[Float]]]) throws -> [[[Float]]]) throws {
        let batch = TokenBatch(groups)
        try self.accumulate(batch) { logProbs, _ in
            TokenCoefficients(logProbs: try coefficients(batch.nested(logProbs)).flatMap { $0.flatMap { $0 } })
        }
    }

    func accumulate(
        _ groups: [TrainingGroup],
        _ coefficients: ([[[Float]]], [[[Float]]]) throws -> (logProbs: [[[Float]]], entropies: [[[Float]]])
    ) throws {
        let batch = TokenBatch(groups)
        try self.accumulate(batch, withEntropies: true) { logProbs, entropies in
            let wanted = try coefficients(batch.nested(logProbs), batch.nested(entropies))
            return TokenCoefficients(
                logProbs: wanted.logProbs.flatMap { $0.flatMap { $0 } },
                entropies: wanted.entropies.flatMap { $0.flatMap { $0 } })
        }
    }
}
