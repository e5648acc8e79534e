import CZMQ
import EADCore
import EADFiles
import EADTelemetry
import Glibc
import Logging
import Synchronization

/// The loop that owns every ZeroMQ socket of the process; lives and dies on one thread.
final class Poller {
    let core: PollerCore
    var sockets: [Port.ID: PolledSocket] = [:]
    /// For frames that are not kept.
    let scratch = ReceivedFrame()
    private var context: ZMQContext?
    private var authentication: AuthenticationHandler?
    private var items: [zmq_pollitem_t] = []
    private var nextID = 0
    private var isStopping = false
    private var nextTick = ContinuousClock.now
    private var nextRetry: ContinuousClock.Instant?

    /// A router does not say when a peer takes messages again; it must be asked.
    private static let retryInterval = Duration.milliseconds(5)

    private init(_ core: PollerCore) throws(TransportError) {
        self.core = core
        let context = try ZMQContext()
        if case .curve(_, let allowed) = core.configuration.security {
            self.authentication = try AuthenticationHandler(context, allowed: allowed)
        } else {
            self.authentication = nil
        }
        self.context = consume context
    }

    deinit {
        // The context waits for its sockets, so they go first.
        self.sockets = [:]
        self.authentication = nil
        self.context = nil
    }

    /// Works until told to stop; returns when every socket is closed.
    static func run(_ core: PollerCore) -> Result<Void, TransportError> {
        defer { for command in core.mailbox.close() { Self.refuse(command) } }
        let poller: Poller
        do { poller = try Poller(core) } catch { return .failure(error) }
        do throws(TransportError) {
            while !poller.isStopping || !poller.sockets.isEmpty { try poller.turn() }
            return .success(())
        } catch {
            for socket in poller.sockets.values { poller.close(socket) }
            return .failure(error)
        }
    }

    /// Answers a command that came too late.
    static func refuse(_ command: Mailbox.Command) {
        switch command {
        case .open(_, let reply): reply.answer(.failure(.stopped))
        case .close(_, let reply): reply.answer(.success(()))
        case .flush, .resumeReading, .stop: break
        }
    }

    /// Waits for something to happen, and deals with it.
    private func turn() throws(TransportError) {
        try self.poll()
        for command in self.core.mailbox.take() { self.obey(command) }
        self.authenticate()

        let now = ContinuousClock.now
        let isTick = now >= self.nextTick
        if let retry = self.nextRetry, now >= retry {
            self.nextRetry = nil
            for socket in self.sockets.values where socket.isListener && !socket.blockedLanes.isEmpty {
                socket.blockedLanes = []
                socket.mustFlush = true
            }
        }
        for socket in Array(self.sockets.values) {
            self.observe(socket)
            if isTick { socket.connections.sample() }
            self.receive(socket)
            self.cutCrowd(socket)
            if isTick { self.cutOvergrown(socket) }
            if socket.mustFlush { self.flush(socket) }
            if let deadline = socket.closingDeadline, socket.port.outbound.isEmpty || now >= deadline {
                self.close(socket)
            }
        }
        if isTick { self.nextTick = now + self.tickInterval }
        if self.nextRetry == nil, self.sockets.values.contains(where: { $0.isListener && !$0.blockedLanes.isEmpty }) {
            self.nextRetry = now + Self.retryInterval
        }
    }

    // MARK: Waiting

    private func poll() throws(TransportError) {
        self.items.removeAll(keepingCapacity: true)
        self.items.append(
            zmq_pollitem_t(socket: nil, fd: self.core.mailbox.descriptor, events: Int16(ZMQ_POLLIN), revents: 0))
        self.appendAuthentication()
        var isUrgent = false
        for socket in self.sockets.values {
            var events = socket.isPaused ? 0 : ZMQ_POLLIN
            if !socket.isListener && !socket.blockedLanes.isEmpty { events |= ZMQ_POLLOUT }
            self.items.append(
                zmq_pollitem_t(socket: socket.socket.raw, fd: 0, events: Int16(events), revents: 0))
            self.items.append(
                zmq_pollitem_t(socket: socket.monitor.socket.raw, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0))
            isUrgent = isUrgent || socket.mustFlush
        }
        let timeout = isUrgent ? 0 : self.timeout()
        if zmq_poll(&self.items, Int32(self.items.count), timeout) < 0, zmq_errno() != EINTR {
            let code = zmq_errno()
            guard Shortage.isPassing(code) else { throw .last("zmq_poll") }
            // The next turn tries again; to ask at once would keep a core busy.
            usleep(useconds_t(Self.retryInterval / .microseconds(1)))
        }
        // A connection whose socket can take messages again: all others are tried in any case.
        for item in self.items where Int32(item.revents) & ZMQ_POLLOUT != 0 {
            for socket in self.sockets.values where socket.socket.raw == item.socket {
                socket.blockedLanes = []
                socket.mustFlush = true
            }
        }
    }

    /// Milliseconds until the next thing that happens by itself; -1 when nothing does.
    private func timeout() -> Int {
        var deadlines = self.sockets.values.compactMap(\.closingDeadline)
        if let retry = self.nextRetry { deadlines.append(retry) }
        if self.sockets.values.contains(where: { $0.connections.count > 0 }) { deadlines.append(self.nextTick) }
        guard let next = deadlines.min() else { return -1 }
        // One more than the rounded value, so that the deadline has passed after the wait.
        return Int((next - ContinuousClock.now).inSocketOption) + 1
    }

    /// Short enough to catch an endless message before it takes much memory, longer when there are many connections
    /// to look at.
    private var tickInterval: Duration {
        let isBusy = self.sockets.values.contains { $0.connections.isBusy }
        let count = self.sockets.values.reduce(0) { $0 + $1.connections.count }
        return .milliseconds((isBusy ? 5 : 20) * max(1, count / 64))
    }

    private func appendAuthentication() {
        guard let raw = self.authentication?.socket.raw else { return }
        self.items.append(zmq_pollitem_t(socket: raw, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0))
    }

    private func authenticate() {
        guard let refused = self.authentication?.answer(), refused > 0 else { return }
        self.count { $0.refusals[\.authenticationsRefused] += refused }
        self.core.logger.warning("refused \(refused) connection(s): their key is not on the allow-list")
    }

    // MARK: Commands

    private func obey(_ command: Mailbox.Command) {
        switch command {
        case .open(let request, let reply):
            self.open(request, reply)
        case .flush(let id):
            self.sockets[id]?.mustFlush = true
        case .resumeReading(let id):
            self.sockets[id]?.isPaused = false
        case .close(let id, let reply):
            guard let socket = self.sockets[id] else {
                reply.answer(.success(()))
                return
            }
            socket.closingReplies.append(reply)
            self.beginClosing(socket, because: .closed)
        case .stop:
            self.isStopping = true
            for socket in self.sockets.values { self.beginClosing(socket, because: .stopped) }
        }
    }

    private func open(_ request: SocketRequest, _ reply: Reply<OpenedSocket>) {
        guard !self.isStopping else {
            reply.answer(.failure(.stopped))
            return
        }
        self.nextID += 1
        let configuration = self.core.configuration
        let port = Port(id: self.nextID, configuration: configuration, mailbox: self.core.mailbox)
        do throws(TransportError) {
            let socket = try self.makeSocket(request, port: port)
            if reply.answer(.success(OpenedSocket(port: port, endpoint: socket.endpoint))) {
                self.sockets[port.id] = socket
            }
        } catch {
            reply.answer(.failure(error))
        }
    }

    private func makeSocket(_ request: SocketRequest, port: Port) throws(TransportError) -> PolledSocket {
        switch self.context {
        case .some(let context):
            return try PolledSocket(
                request, port: port, context: context, configuration: self.core.configuration)
        case .none:
            throw .stopped
        }
    }

    private func beginClosing(_ socket: PolledSocket, because error: TransportError) {
        guard socket.closingDeadline == nil else { return }
        socket.port.outbound.refuse(with: error)
        socket.closingDeadline = ContinuousClock.now + self.core.configuration.linger
        socket.mustFlush = true
    }

    private func close(_ socket: PolledSocket) {
        self.sockets[socket.port.id] = nil
        socket.port.outbound.refuse(with: .stopped)
        let unsent = socket.port.outbound.discard()
        self.count { $0.refusals[\.unsentMessages] += UInt64(unsent) }
        socket.port.inbound.finish()
        for reply in socket.closingReplies { reply.answer(.success(())) }
    }

    // MARK: Connections

    private func observe(_ socket: PolledSocket) {
        while let event = socket.monitor.next() {
            switch event {
            case .accepted(let descriptor):
                self.count { $0.connectionsAccepted += 1 }
                socket.connections.opened(descriptor, isAccepted: true)
            case .connected(let descriptor):
                socket.connections.opened(descriptor, isAccepted: false)
            case .disconnected(let descriptor):
                self.count { $0.disconnections += 1 }
                socket.connections.closed(descriptor)
            case .handshakeSucceeded:
                socket.hasWarned = false
            case .handshakeFailed(let status):
                self.handshakeFailed(socket, status: status)
            }
        }
    }

    private func handshakeFailed(_ socket: PolledSocket, status: Int32) {
        // A refused key was counted when it was refused.
        if !(socket.isListener && status != 0) { self.count { $0.refusals[\.handshakesFailed] += 1 } }
        guard !socket.isListener, !socket.hasWarned else { return }
        socket.hasWarned = true
        let reason =
            status == 0
            ? "another protocol, security setting or server key than configured here"
            : "the server refused this node's key (status \(status))"
        self.core.logger.warning("no connection to \(socket.endpoint): \(reason)")
    }

    private func cutOvergrown(_ socket: PolledSocket) {
        let configuration = self.core.configuration
        let message = configuration.maximumFrameBytes * configuration.maximumPartsPerMessage
        // Complete messages that wait in libzmq count too while the socket is not drained.
        let waiting = socket.isDrained && !socket.isPaused ? 2 : configuration.socketHighWatermark + 2
        for descriptor in socket.connections.overgrown(limit: message * waiting) {
            self.cut(descriptor, of: socket, because: "its message grows without end")
        }
    }

    /// Keeps strangers from taking every descriptor of the process.
    private func cutCrowd(_ socket: PolledSocket) {
        let cut = socket.connections.crowd(limit: self.core.configuration.maximumStrangers).count {
            socket.connections.cut($0)
        }
        guard cut > 0 else { return }
        self.count { $0.refusals[\.connectionsCrowdedOut] += UInt64(cut) }
        self.core.logger.debug("cut \(cut) connections of \(socket.endpoint): too many have not said anything yet")
        guard !socket.hasWarnedOfCrowd else { return }
        socket.hasWarnedOfCrowd = true
        let limit = self.core.configuration.maximumStrangers
        self.core.logger.warning(
            "more than \(limit) connections of \(socket.endpoint) say nothing; the oldest are cut")
    }

    func count(_ update: (inout TransportCounters) -> Void) { self.core.counters.withLock { update(&$0) } }

    func cut(_ descriptor: Int32, of socket: PolledSocket, because reason: String) {
        if !socket.connections.cut(descriptor) {
            // A message can be here before the report that its connection was made.
            self.observe(socket)
            guard socket.connections.cut(descriptor) else { return }
        }
        self.count { $0.refusals[\.connectionsCut] += 1 }
        self.core.logger.warning("cut a connection of \(socket.endpoint): \(reason)")
    }
}
