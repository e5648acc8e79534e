public import EADCore

/// A lease that ended without a result.
public struct LostLease: Hashable, Sendable {
    public var held: HeldLease
    /// Who held it.
    public var node: NodeID
    /// False for an offer that was not taken up in time.
    public var wasAccepted: Bool

    public init(held: HeldLease, node: NodeID, wasAccepted: Bool) {
        self.held = held
        self.node = node
        self.wasAccepted = wasAccepted
    }
}
