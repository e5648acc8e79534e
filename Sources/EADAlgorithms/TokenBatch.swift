package import EADCore

/// Response tokens of one micro-batch: whole responses, one after the other; all arrays but `lengths` are [tokens].
package struct TokenBatch: Hashable, Sendable {
    /// log pi_theta: natural log-probability under the weights being trained, at tau = 1.
    package private(set) var logProbs: [Float] = []
    /// log pi_old: as recorded at sampling, at tau = 1.
    package private(set) var oldLogProbs: [Float] = []
    /// log mu: as recorded at sampling, under the law the token was drawn from.
    package private(set) var behaviourLogProbs: [Float] = []
    package private(set) var advantages: [Float] = []
    /// Tokens of each response, >= 1; they sum to the number of tokens.
    package private(set) var lengths: [Int] = []
    /// log pi_ref, under the reference policy at tau = 1; empty unless the objective needs it.
    package private(set) var referenceLogProbs: [Float] = []
    /// The entropy of pi_theta at each token, at tau = 1, in nats; empty unless the objective needs it.
    package private(set) var entropies: [Float] = []
    /// Whether `PolicyObjective.selection` chose the token; empty unless the objective needs it.
    package private(set) var isSelected: [Bool] = []

    package init() {}

    /// What only some objectives need of a response, each [tokens] or empty, in all responses alike.
    package struct Extras: Hashable, Sendable {
        package var referenceLogProbs: [Float] = []
        package var entropies: [Float] = []
        package var isSelected: [Bool] = []

        package init() {}
    }

    /// Adds one response. `logProbs` has one value per response token.
    package mutating func append(
        _ trace: TokenTrace, logProbs: [Float], advantage: Float, extras: Extras = Extras()
    ) {
        self.append(
            logProbs: logProbs, oldLogProbs: trace[.policyLogProb], behaviourLogProbs: trace[.behaviourLogProb],
            advantage: advantage, extras: extras)
    }

    /// Adds one response from arrays of equal length (>= 1).
    package mutating func append(
        logProbs: [Float], oldLogProbs: [Float], behaviourLogProbs: [Float], advantage: Float,
        extras: Extras = Extras()
    ) {
        precondition(
            !logProbs.isEmpty && oldLogProbs.count == logProbs.count && behaviourLogProbs.count == logProbs.count,
            "a response has one log-probability of each kind per token")
        self.logProbs += logProbs
        self.oldLogProbs += oldLogProbs
        self.behaviourLogProbs += behaviourLogProbs
        self.advantages += logProbs.map { _ in advantage }
        self.lengths.append(logProbs.count)
        self.referenceLogProbs += extras.referenceLogProbs
        self.entropies += extras.entropies
        self.isSelected += extras.isSelected
        for count in [self.referenceLogProbs.count, self.entropies.count, self.isSelected.count] {
            precondition(count == 0 || count == self.count, "all responses have the same extras, one per token")
        }
    }

    /// Response tokens.
    package var count: Int { self.logProbs.count }

    /// The totals of a mini-batch that is this batch alone.
    package var totals: BatchTotals { BatchTotals(tokens: self.count, sequences: self.lengths.count) }

    /// The index ranges of the responses, in order.
    var sequences: [Range<Int>] {
        var start = 0
        return self.lengths.map { length in
            defer { start += length }
            return start..<(start + length)
        }
    }
}
