package import EADConfiguration
package import EADCore
package import EADFiles
package import EADMessages
package import EADProtocol
package import EADTransport
package import Logging

/// What a role needs from its surroundings, made once at start.
package struct RoleContext: Sendable {
    package let configuration: ClusterConfiguration
    /// SHA-256 of what all nodes must agree on.
    package let configurationHash: [UInt8]
    package let role: Role
    package let node: NodeID
    package let directory: RunLayout
    package let transport: Transport
    package let logger: Logger
    /// Tells this process from others of the same name.
    package let nonce: [UInt8]
    /// The longest envelope of this cluster, in bytes.
    let maximumMessageBytes: Int
    private let lock: LockFile
    /// The configuration as a file, with where each value comes from.
    private let resolved: String

    /// Reads the cluster files, finds this node in it, and takes the node's lock in the run directory.
    /// - Throws: `ConfigurationError` listing every problem, or `RoleFailure`.
    package init(_ role: Role, options: RoleOptions) throws {
        var read = try options.files.load()
        if let directory = options.runDir { read.use(directory: directory) }
        let configuration = read.configuration
        let node = try Self.node(of: role, named: options.node, in: configuration)
        let directory = RunLayout(configuration.run.directory)
        // What users wrote is in there: problems, responses, paths.
        try FileTree.createDirectory(directory.path, access: .owner)
        self.lock = try LockFile(directory.lock(of: node))
        let output = RotatingOutput(directory: directory, limit: configuration.log.rotateAt << 20)
        var logger = Logger(label: "ead.\(role.rawValue)") { _ in
            RoleLogHandler(node: node.rawValue, format: configuration.log.format, output: output)
        }
        logger.logLevel = options.logLevel.level
        let shortages = logger
        Shortage.tell { shortages.warning("\($0)") }
        self.configuration = configuration
        self.resolved = read.resolvedYAML()
        self.configurationHash = configuration.hash
        self.role = role
        self.node = node
        self.directory = directory
        self.logger = logger
        self.nonce = ProcessIdentity.nonce()
        var transport = TransportConfiguration(security: try configuration.transportSecurity(of: node))
        self.maximumMessageBytes = configuration.maximumMessageBytes
        transport.admit(envelopeBytes: self.maximumMessageBytes)
        self.transport = try Transport(configuration: transport, logger: logger)
    }

    // MARK: The configuration of the run

    /// Keeps what this start runs with. To be called once nothing refuses the start: the file of the run that is there
    /// must not be lost to one that is not.
    func recordConfiguration() throws(FileError) {
        try DurableFile.replace(
            self.directory.resolvedConfiguration(of: self.node),
            with: Array(self.resolved.utf8).span.bytes)
    }

    /// Why the run in the directory cannot be gone on with: it has other settings, every one of which is named.
    /// - Parameter place: What holds the run, for a person.
    package func anotherConfiguration(at place: String) -> RoleFailure {
        let differences = self.recordedConfiguration.map { self.configuration.lastingDifferences(from: $0) } ?? []
        let names = differences.isEmpty ? "" : ": " + differences.map(\.description).joined(separator: "; ")
        return RoleFailure(
            .configuration,
            "\(place) is of another configuration\(names). Restore that (\(RunLayout.resolvedPattern) in the directory "
                + "has it), or use another run directory")
    }

    /// What a node ran with in this directory: this one if it did; nil when none can be read, which is no reason to stop.
    private var recordedConfiguration: ClusterConfiguration? {
        let others = ((try? FileTree.names(in: self.directory.path)) ?? []).compactMap { RunLayout.resolvedNode($0) }
        return ([self.node] + others.sorted()).lazy.compactMap { node in
            try? ClusterConfiguration.load(path: self.directory.resolvedConfiguration(of: node))
        }.first
    }

    private static func node(
        of role: Role, named name: String?, in configuration: ClusterConfiguration
    ) throws(RoleFailure) -> NodeID {
        let candidates = configuration.nodes.filter { $0.value == role }.keys.sorted()
        if let name {
            guard candidates.contains(NodeID(name)) else {
                throw RoleFailure(
                    .usage,
                    "the cluster file has no \(role.rawValue) named \(name); it has "
                        + candidates.map(\.rawValue).joined(separator: ", "))
            }
            return NodeID(name)
        }
        guard candidates.count == 1, let only = candidates.first else {
            throw RoleFailure(
                .usage, "--node is needed: one of " + candidates.map(\.rawValue).joined(separator: ", "))
        }
        return only
    }

    // MARK: Sending and receiving

    /// Connects to the controller under a name of this process's own.
    func connectToController() async throws(TransportError) -> Connection {
        try await self.connect(to: self.configuration.controller.endpoint, of: self.configuration.controller.name)
    }

    /// Connects to the learner under a name of this process's own.
    func connectToLearner() async throws(TransportError) -> Connection {
        try await self.connect(to: self.configuration.learner.endpoint, of: self.configuration.learner.name)
    }

    private func connect(to endpoint: Endpoint, of node: NodeID) async throws(TransportError) -> Connection {
        let suffix = self.nonce.prefix(6).hexadecimal
        return try await self.transport.connect(
            to: endpoint, identity: Array("\(self.node)/\(suffix)".utf8),
            serverKey: self.configuration.curveKey(of: node))
    }

    /// Listens where the cluster file says that this node does.
    func listen() async throws(TransportError) -> Listener {
        let isLearner = self.role == .learner
        return try await self.transport.listen(
            on: isLearner ? self.configuration.learner.bind : self.configuration.controller.bind)
    }

    /// Reads a message, or says why it is refused: it cannot be read, or claims a node the key does not belong to.
    func read(_ message: InboundMessage) -> Result<Letter, UnusableMessage> {
        guard let first = message.parts.first else {
            return .failure(UnusableMessage(.invalid, "the message has no frames"))
        }
        let envelope: Envelope
        do {
            envelope = try first.withUnsafeBytes { bytes throws(DecodeError) in
                try EnvelopeCodec.decode(bytes, limit: self.maximumMessageBytes)
            }
        } catch {
            return .failure(UnusableMessage(error))
        }
        if let key = message.publicKey, self.configuration.curveKey(of: envelope.sender) != key {
            return .failure(
                UnusableMessage(
                    .unknownNode, "the key used does not belong to \(envelope.sender)", number: envelope.number))
        }
        return .success(Letter(envelope, payload: message.parts.count > 1 ? message.parts[1] : nil))
    }

    // MARK: Membership

    /// This process as a member of the run, which has said nothing yet.
    /// - Parameter contents: What it read from files of its own that must be the same everywhere.
    package func member(run: RunID?, contents: [SharedContent], now: ContinuousClock.Instant) -> Member {
        let settings = self.configuration.protocol
        let seed = self.nonce.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let identity = Member.Identity(
            node: self.node, role: self.role, nonce: self.nonce, configurationHash: self.configurationHash,
            host: ProcessIdentity.host, processID: ProcessIdentity.id,
            controller: self.configuration.controller.endpoint, contents: contents,
            settings: self.configuration.sharedLines)
        return Member(
            identity, run: run, backoff: Backoff(settings.backoff, seed: seed), liveness: settings.liveness, now: now)
    }
}
