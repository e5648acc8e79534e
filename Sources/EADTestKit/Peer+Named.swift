package import EADCore

/// Tests name their peers.
extension Peer: ExpressibleByStringLiteral {
    package init(stringLiteral name: String) { self.init(routingID: Array(name.utf8)) }

    /// One that is named like its node.
    package init(_ node: NodeID) { self.init(stringLiteral: node.rawValue) }
}
