import EADCore
package import EADMessages

extension StatusReply {
    /// Nobody is dead, absent or stalled, as far as the run still needs anybody, and nothing is wrong with the run itself.
    package var isHealthy: Bool {
        let needsNobody = self.phase == .finished || self.phase == .stopping
        return self.troubles.isEmpty && (needsNobody || self.members.allSatisfy { $0.health == .alive })
    }

    /// How far training has come: steps that are trained, of all. People see steps only as this number; in files a step is
    /// called by its place from 0 on.
    package var trainedSteps: String { "\(self.step)/\(self.totalSteps)" }
}

extension StepReport {
    /// The same when this step was trained.
    package func trainedSteps(of total: UInt64) -> String { "\(self.step.next)/\(total)" }
}
