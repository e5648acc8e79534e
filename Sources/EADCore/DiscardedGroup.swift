/// A group that was accepted and thrown out again, because the policy cannot be trained on it.
package struct DiscardedGroup: Hashable, Sendable {
    package var lease: LeaseID
    /// Who sent it.
    package var sender: NodeID
    /// Why, for a person.
    package var reason: String

    package init(lease: LeaseID, sender: NodeID, reason: String) {
        self.lease = lease
        self.sender = sender
        self.reason = reason
    }

    package var slot: UInt32 { self.lease.group.slot }
}
