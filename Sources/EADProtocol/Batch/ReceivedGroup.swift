package import EADCore

/// A group as the learner has it: what came, and whose word it is.
package struct ReceivedGroup: Hashable, Sendable {
    package var group: RolloutGroup
    /// The worker that sent it.
    package var sender: NodeID

    package init(_ group: RolloutGroup, from sender: NodeID) {
        self.group = group
        self.sender = sender
    }
}

/// A group of a complete batch that the engine found not to belong to the policy it trains.
package struct RefusedGroup: Hashable, Sendable {
    package var slot: UInt32
    /// What is wrong with it, for a person.
    package var reason: String

    package init(slot: UInt32, reason: String) {
        self.slot = slot
        self.reason = reason
    }
}
