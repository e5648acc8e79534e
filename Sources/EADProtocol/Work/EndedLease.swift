package import EADCore

/// A lease that ended without a result.
package struct EndedLease: Hashable, Sendable {
    package var held: LeaseID
    /// Who held it.
    package var node: NodeID
    /// False for an offer that was not taken up in time.
    package var wasAccepted: Bool

    package init(held: LeaseID, node: NodeID, wasAccepted: Bool) {
        self.held = held
        self.node = node
        self.wasAccepted = wasAccepted
    }
}
