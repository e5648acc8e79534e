import EADCore
package import EADEngine
package import EADEnvironments

/// The cross-entropy of responses, of which a mean is the loss: -log pi of their tokens, summed up.
package struct CrossEntropy: Hashable, Sendable {
    /// In nats.
    package private(set) var sum = 0.0
    /// Response tokens, those that end responses included.
    package private(set) var tokens = 0
    /// Positions that were computed.
    package private(set) var computed = 0

    /// Per response token; nil of none.
    package var mean: Double? { self.tokens > 0 ? self.sum / Double(self.tokens) : nil }

    private mutating func add(_ logProbs: [Float], of batch: TokenBatch) {
        // One after the other: the order of a sum is part of its value.
        for logProb in logProbs { self.sum -= Double(logProb) }
        self.tokens += logProbs.count
        self.computed += batch.groups.indices.reduce(0) { $0 + batch.rows(of: $1) }
    }

    /// That of demonstrations under the weights as they are.
    /// - Throws: `EngineError`; `CancellationError` when the process leaves.
    package init(_ demonstrations: [Demonstration], under engine: any TrainingEngine) throws {
        for part in Self.microBatches(of: demonstrations, engine) {
            try Task.checkCancellation()
            self.add(try engine.currentLogProbs(part), of: part)
        }
    }

    /// The same, with the gradient of the mean over all response tokens in the place of the engine's gradients.
    package init(gradientOf demonstrations: [Demonstration], in engine: any TrainingEngine) throws {
        engine.zeroGradients()
        let count = demonstrations.reduce(0) { $0 + $1.response.count }
        let coefficient = Float(-1 / Double(max(count, 1)))
        for part in Self.microBatches(of: demonstrations, engine) {
            try Task.checkCancellation()
            try engine.accumulate(part, withEntropies: false) { logProbs, _ in
                self.add(logProbs, of: part)
                return TokenCoefficients(logProbs: [Float](repeating: coefficient, count: logProbs.count))
            }
        }
    }

    private static func microBatches(
        of demonstrations: [Demonstration], _ engine: any TrainingEngine
    ) -> [TokenBatch] {
        engine.microBatches(of: TokenBatch(demonstrations[...])).map { TokenBatch(demonstrations[$0]) }
    }
}

extension TokenBatch {
    /// A group for each demonstration. Nothing is recorded of its tokens: nobody sampled them.
    fileprivate init(_ demonstrations: ArraySlice<Demonstration>) {
        self.init()
        for demonstration in demonstrations {
            self.append(
                promptTokens: demonstration.prompt, responses: [TokenTrace(tokens: demonstration.response)])
        }
    }
}
