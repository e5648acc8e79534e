import EADCore
import EADEngine

extension Trainer {
    /// Goes through a micro-batch, so that all memory is there that such ones take.
    func rehearse(_ batch: TokenBatch, hasEntropyBonus: Bool) throws(EngineError) {
        do {
            try self.accumulate(batch, withEntropies: hasEntropyBonus) { logProbs, entropies in
                TokenCoefficients(logProbs: logProbs.map { _ in 1 }, entropies: entropies.map { _ in 1 })
            }
        } catch let error as EngineError {
            throw error
        } catch {
            preconditionFailure("the coefficients throw nothing")
        }
    }
}
