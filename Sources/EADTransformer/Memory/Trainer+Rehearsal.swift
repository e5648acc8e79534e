import EADEngine

extension Trainer {
    /// Goes through a micro-batch, so that all memory is there that such ones take.
    func rehearse(_ groups: [TrainingGroup], hasEntropyBonus: Bool) throws(EngineError) {
        func ones(_ values: [[[Float]]]) -> [[[Float]]] { values.map { $0.map { $0.map { _ in 1 } } } }
        do {
            if hasEntropyBonus {
                try self.accumulate(groups, entropyCoefficients: { (ones($0), ones($1)) })
            } else {
                try self.accumulate(groups, coefficients: ones)
            }
        } catch let error as EngineError {
            throw error
        } catch {
            preconditionFailure("the coefficients throw nothing")
        }
    }
}
