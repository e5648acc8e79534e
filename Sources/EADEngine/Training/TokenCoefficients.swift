/// The derivatives of a loss with respect to what an engine computed of a batch's response tokens, in their order.
package struct TokenCoefficients: Hashable, Sendable {
    /// dLoss / dLogProb.
    package var logProbs: [Float]
    /// dLoss / dH; empty for a loss that does not depend on entropies.
    package var entropies: [Float]

    package init(logProbs: [Float], entropies: [Float] = []) {
        self.logProbs = logProbs
        self.entropies = entropies
    }

    /// Whether backpropagation would add nothing.
    package var areZero: Bool { self.logProbs.allSatisfy { $0 == 0 } && self.entropies.allSatisfy { $0 == 0 } }

    /// - Parameter count: Response tokens of the batch.
    /// - Throws: `EngineError.coefficients` when there is not one per token, or one is not finite.
    package func check(count: Int) throws(EngineError) {
        guard self.logProbs.count == count, self.entropies.isEmpty || self.entropies.count == count else {
            throw .coefficients("they are not one per response token")
        }
        guard self.logProbs.allSatisfy(\.isFinite), self.entropies.allSatisfy(\.isFinite) else {
            throw .coefficients("one is NaN or infinite")
        }
    }
}
