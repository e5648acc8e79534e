/// A line of a cluster's run log.
package struct ProcessClusterRecord: Decodable, Sendable {
    package let kind: String
    package let step: Int
    package let values: [String: Double]?
    package let notes: [String: String]?

    /// The name of an event, nil for steps and evaluations.
    package var event: String? { self.notes?["event"] }
    package var node: String? { self.notes?["node"] }

    package subscript(_ value: String) -> Double? { self.values?[value] }
}

/// A line of an evaluation's file, as far as tests look at it.
package struct ProcessClusterSample: Decodable, Sendable {
    package let problem: Int
    package let sample: Int
    package let greedy: Bool
    package let scored: Bool
}

/// What `ead-ctl status --json` prints, as far as tests look at it.
package struct ProcessClusterStatus: Decodable, Sendable {
    package struct Member: Decodable, Sendable {
        package let node: String
        package let health: String
        package let leases: [String]
        package let activity: String
        package let residentBytes: Int
        /// Since its last heartbeat.
        package let silentMilliseconds: Int
    }

    package let phase: String
    package let healthy: Bool
    package let step: Int
    package let waitingFor: String
    package let groupsAccepted: Int
    package let groupsPerStep: Int
    package let members: [Member]
    package let counters: [String: Double]

    package func member(_ node: String) -> Member? { self.members.first { $0.node == node } }
}

/// What a command printed and how it ended.
package struct ProcessClusterOutput: Sendable {
    package let ending: ProcessClusterChild.Ending
    package let text: String

    package var status: Int32? { if case .exited(let status) = self.ending { status } else { nil } }
}
