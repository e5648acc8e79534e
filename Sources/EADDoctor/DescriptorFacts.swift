/// How many files and connections a process may have open.
package struct DescriptorFacts: Hashable, Sendable {
    /// Once a role has raised its soft limit as far as it may.
    package var limit: Int
    /// Connections that the controller will have from the nodes of the cluster file; nil without one.
    package var connections: Int?

    package init(limit: Int, connections: Int?) {
        self.limit = limit
        self.connections = connections
    }

    /// Files of a role and its libraries, and connections of ead-ctl.
    private static let own = 64
    /// So many leave room for the connections of strangers, of which a quarter of the limit are kept.
    private static let roomy = 4096

    package var check: Check {
        let needed = Self.own + (self.connections ?? 0)
        let found =
            "\(self.limit) open files and connections per process"
            + (self.connections.map { "; the controller needs about \(needed) for \($0) nodes" } ?? "")
        let values = ["limit": Double(self.limit), "needed": Double(needed)]
        let how = "ulimit -Hn 65536 before the roles start, or LimitNOFILE=65536 in a service file"
        // Strangers may have a quarter, and come faster than they are cut.
        if self.limit < 2 * needed {
            return Check("descriptors", .fail, found, advice: "raise the hard limit: \(how)", values: values)
        }
        if self.limit < Self.roomy {
            return Check(
                "descriptors", .warn, found,
                advice: "enough while nobody else connects; against floods of connections raise the hard limit: \(how)",
                values: values)
        }
        return Check("descriptors", .ok, found, values: values)
    }
}
