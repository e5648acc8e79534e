package import EADCore
import Glibc
package import Logging
import Synchronization

/// Everything one process says to others over the network.
///
/// All ZeroMQ sockets live on one thread of their own, which `run` starts; the rest of the process hands messages to
/// it and takes messages from it through bounded queues.
package final class Transport: Sendable {
    private enum Phase { case idle, running, ended }

    private let core: PollerCore
    private let phase = Mutex(Phase.idle)

    /// - Throws: `system` when the process is out of file descriptors.
    package init(configuration: TransportConfiguration, logger: Logger) throws(TransportError) {
        precondition(
            configuration.inboundHighWatermark > 0 && configuration.inboundHighWatermarkBytes > 0
                && configuration.outboundHighWatermark > 0 && configuration.outboundHighWatermarkBytes > 0
                && configuration.socketHighWatermark > 0 && configuration.maximumPartsPerMessage > 0,
            "watermarks and limits are at least 1")
        self.core = PollerCore(configuration: configuration, logger: logger, mailbox: try Mailbox())
    }

    /// Runs the transport until `stop` is called or the task is cancelled, then sends what was accepted for sending
    /// within the linger time, and closes every socket.
    ///
    /// - Throws: `system` when the thread or ZeroMQ cannot be started, or polling fails.
    package func run() async throws {
        self.phase.withLock { phase in
            precondition(phase == .idle, "a transport runs once")
            phase = .running
        }
        defer { self.phase.withLock { $0 = .ended } }
        let core = self.core
        let result: Result<Void, TransportError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                PollerThread.start(core) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            core.mailbox.post(.stop)
        }
        try result.get()
    }

    /// Asks the transport to end gracefully; `run` returns when it has.
    package func stop() { self.core.mailbox.post(.stop) }

    /// Listens on an endpoint; waits until the transport runs.
    ///
    /// - Parameter endpoint: an IP address of this machine, `0.0.0.0`, `[::]` or `localhost`; port 0 takes a free one.
    /// - Throws: `plaintextRefused`, `addressInUse`, `invalidEndpoint`, `stopped` or `cancelled`.
    package func listen(on endpoint: Endpoint) async throws(TransportError) -> Listener {
        try self.checkSecurity(of: endpoint)
        let socket = try await self.open(SocketRequest(kind: .listener, endpoint: endpoint))
        return Listener(port: socket.port, endpoint: socket.endpoint)
    }

    /// Connects to a listener, which need not be there yet; waits until the transport runs.
    ///
    /// - Parameters:
    ///   - identity: what the listener will know this process by; 1 to 255 bytes that do not begin with zero. A newer
    ///     connection with the same identity takes the place of an older one.
    ///   - serverKey: the public key the listener must prove to have; needed with CURVE.
    /// - Throws: `plaintextRefused`, `serverKeyMissing`, `invalidIdentity`, `invalidEndpoint`, `stopped` or `cancelled`.
    package func connect(
        to endpoint: Endpoint, identity: [UInt8], serverKey: CurvePublicKey? = nil
    ) async throws(TransportError) -> Connection {
        try self.checkSecurity(of: endpoint)
        guard (1...255).contains(identity.count), identity.first != 0 else {
            throw TransportError(
                .invalidIdentity, "an identity has 1 to 255 bytes (not \(identity.count)), the first of them not zero")
        }
        if case .curve = self.core.configuration.security, serverKey == nil {
            throw TransportError(.serverKeyMissing, "connecting to \(endpoint) needs the server's public key")
        }
        let kind = SocketRequest.Kind.connection(identity: identity, server: serverKey)
        return Connection(port: try await self.open(SocketRequest(kind: kind, endpoint: endpoint)).port)
    }

    /// What has been done and refused so far.
    package var counters: TransportCounters { self.core.counters.withLock { $0 } }

    private func open(_ request: SocketRequest) async throws(TransportError) -> OpenedSocket {
        let reply = Reply<OpenedSocket>()
        guard self.core.mailbox.post(.open(request, reply)) else { throw .stopped }
        return try await reply.value()
    }

    private func checkSecurity(of endpoint: Endpoint) throws(TransportError) {
        guard case .plaintextLoopback = self.core.configuration.security, !endpoint.isLoopback else { return }
        throw TransportError(
            .plaintextRefused,
            "\(endpoint) can be reached from other machines; configure CURVE keys (ead-ctl keygen) or use loopback")
    }
}

/// What the transport and its thread share.
final class PollerCore: Sendable {
    let configuration: TransportConfiguration
    let logger: Logger
    let mailbox: Mailbox
    let counters = Mutex(TransportCounters())

    init(configuration: TransportConfiguration, logger: Logger, mailbox: Mailbox) {
        self.configuration = configuration
        self.logger = logger
        self.mailbox = mailbox
    }
}

/// The operating-system thread that a poller occupies from beginning to end.
enum PollerThread {
    static func start(_ core: PollerCore, completion: @escaping @Sendable (Result<Void, TransportError>) -> Void) {
        let failure = DetachedThread.start(name: "ead-transport") { completion(Poller.run(core)) }
        if failure != 0 {
            for command in core.mailbox.close() { Poller.refuse(command) }
            completion(.failure(TransportError(.system, "pthread_create failed", systemError: failure)))
        }
    }
}
