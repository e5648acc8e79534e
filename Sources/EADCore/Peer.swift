/// The other end of a connection to a listener, as answers are addressed to it.
package struct Peer: Hashable, Sendable, CustomStringConvertible {
    /// The identity that the other side gave itself when it connected.
    package var routingID: [UInt8]

    package init(routingID: [UInt8]) { self.routingID = routingID }

    package var description: String {
        let printable = self.routingID.allSatisfy { (0x20..<0x7F).contains($0) }
        return printable
            ? String(decoding: self.routingID, as: UTF8.self)
            : self.routingID.map { String($0, radix: 16) }.joined(separator: ":")
    }
}
