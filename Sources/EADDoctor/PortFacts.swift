package import EADCore

/// What came of trying the address of a node.
package struct PortFacts: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The address is this host's, and nobody uses it.
        case free
        /// The address is this host's, and somebody listens there already.
        case inUse
        /// The address is this host's, and the system refuses it for this reason.
        case refused(String)
        /// The address is another host's, and somebody answers there.
        case reachable
        /// The address is another host's, and nobody answers there for this reason.
        case unreachable(String)
        /// The address is another host's, and whoever answers there does not take this host's nodes in, for this reason.
        case unwelcome(String)
        /// The host's name in the address cannot be resolved.
        case unknownHost
    }

    package var node: NodeID
    package var endpoint: Endpoint
    package var outcome: Outcome

    package init(node: NodeID, endpoint: Endpoint, outcome: Outcome) {
        self.node = node
        self.endpoint = endpoint
        self.outcome = outcome
    }

    package var check: Check {
        let place = "\(self.node) \(self.endpoint)"
        switch self.outcome {
        case .free: return Check("port", .ok, "\(place) is free")
        case .reachable: return Check("port", .ok, "\(place) answers")
        case .inUse:
            return Check(
                "port", .warn, "\(place) is in use", advice: "right if this run is up; otherwise choose another port")
        case .refused(let reason):
            return Check(
                "port", .fail, "\(place) cannot be listened on: \(reason)",
                advice: "set bind: to an address of this host, or to tcp://0.0.0.0:\(self.endpoint.port)")
        case .unreachable(let reason):
            return Check(
                "port", .warn, "\(place) does not answer: \(reason)",
                advice: "start the node there; if it runs, look at the address and the firewalls between")
        case .unwelcome(let reason):
            return Check(
                "port", .fail, "\(place) answers, but \(reason)",
                advice:
                    "compare security and keys of the two copies of the cluster file, and start the node there again "
                    + "with its copy")
        case .unknownHost:
            return Check(
                "port", .fail, "\(place): the host's name has no address",
                advice: "correct the name, or write the address")
        }
    }
}
