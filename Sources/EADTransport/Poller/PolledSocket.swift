import CZMQ
import EADCore
import Glibc

/// One listener or connection with what the poller must remember of it; never leaves the poller thread.
final class PolledSocket {
    let port: Port
    let isListener: Bool
    let socket: ZMQSocket
    let monitor: SocketMonitor
    /// The address for messages to people.
    let endpoint: Endpoint
    var connections = ConnectionGuard()
    /// Whether reading waits for the consumer.
    var isPaused = false
    /// Whether the last reading took everything there was.
    var isDrained = true
    /// Whether there are messages to try to send.
    var mustFlush = false
    /// Lanes whose peer takes no more at the moment.
    var blockedLanes: Set<OutboundQueue.LaneID> = []
    /// When the socket is closed even if messages are left; nil while it is open.
    var closingDeadline: ContinuousClock.Instant?
    var closingReplies: [Reply<Void>] = []
    /// A refused connection tries again for ever; one warning is enough.
    var hasWarned = false
    var hasWarnedOfCrowd = false

    init(
        _ request: SocketRequest, port: Port, context: borrowing ZMQContext, configuration: TransportConfiguration
    ) throws(TransportError) {
        self.port = port
        let socket: ZMQSocket
        switch request.kind {
        case .listener:
            self.isListener = true
            socket = try ZMQSocket(context, type: ZMQ_ROUTER)
            // An unknown peer is an error instead of silence.
            try socket.set(ZMQ_ROUTER_MANDATORY, Int32(1))
            // A restarted process takes its name over from its dead connection.
            try socket.set(ZMQ_ROUTER_HANDOVER, Int32(1))
        case .connection(let identity, _):
            self.isListener = false
            socket = try ZMQSocket(context, type: ZMQ_DEALER)
            try socket.set(ZMQ_ROUTING_ID, identity)
            // Without a connection messages stay in our own queue, where they are bounded and counted.
            try socket.set(ZMQ_IMMEDIATE, Int32(1))
        }
        try Self.configure(socket, for: request, configuration)
        self.monitor = try SocketMonitor(context, watching: socket, id: port.id)
        self.endpoint = try Self.attach(socket, request)
        self.socket = socket
    }

    deinit {
        // Without this, libzmq's thread would wait for ever for room in a monitor that nobody reads.
        zmq_socket_monitor(self.socket.raw, nil, 0)
    }

    private static func configure(
        _ socket: borrowing ZMQSocket, for request: SocketRequest, _ configuration: TransportConfiguration
    ) throws(TransportError) {
        try socket.set(ZMQ_LINGER, configuration.linger)
        try socket.set(ZMQ_SNDHWM, Int32(configuration.socketHighWatermark))
        try socket.set(ZMQ_RCVHWM, Int32(configuration.socketHighWatermark))
        try socket.set(ZMQ_MAXMSGSIZE, Int64(configuration.maximumFrameBytes))
        try socket.set(ZMQ_HANDSHAKE_IVL, configuration.handshakeTimeout)
        try socket.set(ZMQ_HEARTBEAT_IVL, configuration.heartbeatInterval)
        try socket.set(ZMQ_HEARTBEAT_TIMEOUT, configuration.heartbeatTimeout)
        try socket.set(ZMQ_RECONNECT_IVL, configuration.reconnectInterval)
        try socket.set(ZMQ_RECONNECT_IVL_MAX, configuration.maximumReconnectInterval)
        try socket.set(ZMQ_TCP_KEEPALIVE, Int32(1))
        try socket.set(ZMQ_TCP_KEEPALIVE_IDLE, Int32(30))
        try socket.set(ZMQ_TCP_KEEPALIVE_INTVL, Int32(10))
        try socket.set(ZMQ_TCP_KEEPALIVE_CNT, Int32(3))
        // Only for literal addresses: a name would otherwise resolve to an address nobody may listen on.
        if request.endpoint.host.hasPrefix("[") { try socket.set(ZMQ_IPV6, Int32(1)) }

        guard case .curve(let own, _) = configuration.security else { return }
        switch request.kind {
        case .listener:
            try socket.set(ZMQ_CURVE_SERVER, Int32(1))
            try socket.set(ZMQ_ZAP_DOMAIN, AuthenticationHandler.domain)
            try socket.set(ZMQ_CURVE_SECRETKEY, own.secret)
        case .connection(_, let server):
            try socket.set(ZMQ_CURVE_SERVERKEY, server?.bytes ?? [])
            try socket.set(ZMQ_CURVE_PUBLICKEY, own.publicKey.bytes)
            try socket.set(ZMQ_CURVE_SECRETKEY, own.secret)
        }
    }

    /// Binds or connects; returns the endpoint with its actual port.
    private static func attach(
        _ socket: borrowing ZMQSocket, _ request: SocketRequest
    ) throws(TransportError) -> Endpoint {
        let endpoint = request.endpoint
        if case .connection = request.kind {
            guard zmq_connect(socket.raw, endpoint.description) == 0 else {
                throw Self.failure("cannot connect to \(endpoint)")
            }
            return endpoint
        }
        // libzmq does not look names up for binding, not even this one.
        let host = endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host
        let port = endpoint.port == 0 ? "*" : String(endpoint.port)
        guard zmq_bind(socket.raw, "tcp://\(host):\(port)") == 0 else {
            throw Self.failure("cannot listen on \(endpoint)")
        }
        guard let actual = Endpoint(socket.lastEndpoint) else { throw .last("zmq_getsockopt(LAST_ENDPOINT)") }
        return Endpoint(host: endpoint.host, port: actual.port)
    }

    private static func failure(_ what: String) -> TransportError {
        let number = zmq_errno()
        let reason = String(cString: zmq_strerror(number))
        switch number {
        case EADDRINUSE:
            return TransportError(
                .addressInUse, "\(what): the port is in use by another process", systemError: number)
        case ENODEV, EADDRNOTAVAIL, EINVAL, EPROTONOSUPPORT:
            return TransportError(
                .invalidEndpoint,
                "\(what): \(reason); listening needs an IP address of this machine, 0.0.0.0, [::] or localhost",
                systemError: number)
        default:
            return TransportError(.system, "\(what): \(reason)", systemError: number)
        }
    }
}
