import EADAlgorithms
import EADCore
import EADTestKit

/// A batch with what an engine says of its tokens, put together response by response.
struct MeasuredBatch {
    /// What only some objectives need of a response, each [tokens] or empty.
    struct Extras {
        var referenceLogProbs: [Float] = []
        var entropies: [Float] = []
        var isSelected: [Bool] = []
    }

    private(set) var tokens = TokenBatch()
    private(set) var measured = TokenMeasurements(logProbs: [])

    mutating func append(
        logProbs: [Float], oldLogProbs: [Float], behaviourLogProbs: [Float], advantage: Float,
        extras: Extras = Extras()
    ) {
        var trace = TokenTrace.filled(Array(repeating: 1, count: logProbs.count))
        trace[.policyLogProb] = oldLogProbs
        trace[.behaviourLogProb] = behaviourLogProbs
        self.tokens.append(promptTokens: [1], responses: [trace])
        self.tokens.advantages.append(advantage)
        self.tokens.isSelected += extras.isSelected
        self.measured.logProbs += logProbs
        self.measured.entropies += extras.entropies
        self.measured.referenceLogProbs += extras.referenceLogProbs
    }

    /// The same with the old policy's log-probabilities apart, and others recorded at sampling.
    var decoupled: MeasuredBatch {
        var copy = self
        var tokens = TokenBatch()
        for response in self.tokens.responses {
            var trace = self.tokens.trace[response]
            trace[.policyLogProb] = trace[.policyLogProb].map { $0 - 0.75 }
            tokens.append(promptTokens: [1], responses: [trace])
        }
        tokens.advantages = self.tokens.advantages
        tokens.isSelected = self.tokens.isSelected
        tokens.proximalLogProbs = self.tokens.trace[.policyLogProb]
        copy.tokens = tokens
        return copy
    }

    var totals: BatchTotals { BatchTotals(of: self.tokens) }
}

extension PolicyObjective {
    func evaluate(_ batch: MeasuredBatch, totals: BatchTotals) -> ObjectiveOutput {
        self.evaluate(batch.tokens, batch.measured, totals: totals)
    }
}
