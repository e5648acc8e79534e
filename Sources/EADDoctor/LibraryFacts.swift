/// The two system libraries.
package struct LibraryFacts: Hashable, Sendable {
    package var zmq: String
    package var protobufC: String
    /// Whether libzmq can encrypt connections.
    package var hasCurve: Bool

    package init(zmq: String, protobufC: String, hasCurve: Bool) {
        self.zmq = zmq
        self.protobufC = protobufC
        self.hasCurve = hasCurve
    }

    /// - Parameter needsCurve: whether the cluster file asks for encryption.
    package func check(needsCurve: Bool) -> Check {
        let found = "libzmq \(self.zmq) \(self.hasCurve ? "with" : "without") CURVE, protobuf-c \(self.protobufC)"
        guard !self.hasCurve else { return Check("libraries", .ok, found) }
        return Check(
            "libraries", needsCurve ? .fail : .warn, found,
            advice: "install a libzmq with libsodium; without it only loopback addresses can be used")
    }
}
