package import EADCore

/// What a run is to do: so many steps, and evaluations between them.
package struct RunPlan: Hashable, Sendable {
    /// Training steps; the run ends with policy version `steps`.
    package var steps: UInt64
    /// Evaluate version 0.
    package var evaluatesBefore: Bool
    /// Evaluate the last version.
    package var evaluatesAfter: Bool
    /// Evaluate every version that is a multiple of it; 0 for none.
    package var evaluationInterval: UInt64

    package init(steps: UInt64, evaluatesBefore: Bool, evaluatesAfter: Bool, evaluationInterval: UInt64 = 0) {
        self.steps = steps
        self.evaluatesBefore = evaluatesBefore
        self.evaluatesAfter = evaluatesAfter
        self.evaluationInterval = evaluationInterval
    }

    /// Whether a policy version is to be evaluated.
    package func evaluates(_ version: PolicyVersion) -> Bool {
        let number = version.rawValue
        if number == 0 { return self.evaluatesBefore || (self.steps == 0 && self.evaluatesAfter) }
        if number == self.steps { return self.evaluatesAfter || self.isRegular(number) }
        return number < self.steps && self.isRegular(number)
    }

    private func isRegular(_ number: UInt64) -> Bool {
        self.evaluationInterval > 0 && number.isMultiple(of: self.evaluationInterval)
    }
}
