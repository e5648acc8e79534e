import EADCore
package import EADMessages

extension StatusReply {
    /// Nobody is dead, absent or stalled, as far as the run still needs anybody.
    package var isHealthy: Bool {
        self.phase == .finished || self.phase == .stopping || self.members.allSatisfy { $0.health == .alive }
    }
}
