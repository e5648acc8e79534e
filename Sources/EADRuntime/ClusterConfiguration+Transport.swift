package import EADConfiguration
package import EADCore
package import EADTransport

extension ClusterConfiguration {
    /// How a node of this cluster secures its connections; reads the node's secret key when CURVE is on.
    /// - Throws: `TransportError` when the key file is missing, readable by others or not a key; `RoleFailure` when its
    ///   public half is not the one in the cluster file.
    package func transportSecurity(of node: NodeID) throws -> TransportSecurity {
        guard self.security.mode == .curve else { return .plaintextLoopback }
        let path = SecurityConfiguration.keyFile(of: node, in: self.security.keys)
        let pair = try CurveKeyPair(contentsOf: path)
        guard self.curveKey(of: node) == pair.publicKey else {
            throw RoleFailure(
                .configuration,
                "\(path) has the public key \(pair.publicKey), but the cluster file gives \(node) another one")
        }
        let clients = self.security.publicKeys.keys.filter { $0 != self.controller.name }
        return .curve(own: pair, allowedClients: Set(clients.compactMap { self.curveKey(of: $0) }))
    }

    /// The public key the cluster file gives a node; nil without one.
    package func curveKey(of node: NodeID) -> CurvePublicKey? {
        self.publicKey(of: node).flatMap { CurvePublicKey(z85: $0) }
    }
}
