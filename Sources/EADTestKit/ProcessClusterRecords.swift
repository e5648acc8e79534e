/// A line of a cluster's run log.
public struct ProcessClusterRecord: Decodable, Sendable {
    public let kind: String
    public let step: Int
    public let values: [String: Double]?
    public let notes: [String: String]?

    /// The name of an event, nil for steps and evaluations.
    public var event: String? { self.notes?["event"] }
    public var node: String? { self.notes?["node"] }

    public subscript(_ value: String) -> Double? { self.values?[value] }
}

/// A line of an evaluation's file, as far as tests look at it.
public struct ProcessClusterSample: Decodable, Sendable {
    public let problem: Int
    public let sample: Int
    public let greedy: Bool
    public let scored: Bool
}

/// What `ead-ctl status --json` prints, as far as tests look at it.
public struct ProcessClusterStatus: Decodable, Sendable {
    public struct Member: Decodable, Sendable {
        public let node: String
        public let health: String
        public let leases: [String]
        public let activity: String
        public let residentBytes: Int
        /// Since its last heartbeat.
        public let silentMilliseconds: Int
    }

    public let phase: String
    public let healthy: Bool
    public let step: Int
    public let waitingFor: String
    public let groupsAccepted: Int
    public let groupsPerStep: Int
    public let members: [Member]
    public let counters: [String: Double]

    public func member(_ node: String) -> Member? { self.members.first { $0.node == node } }
}

/// What a command printed and how it ended.
public struct ProcessClusterOutput: Sendable {
    public let ending: ProcessClusterChild.Ending
    public let text: String

    public var status: Int32? { if case .exited(let status) = self.ending { status } else { nil } }
}
