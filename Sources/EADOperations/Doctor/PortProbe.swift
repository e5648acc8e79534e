import EADCore
import EADDoctor
import EADTransport
import Glibc

/// Tries an address as a node would use it; sends no message. Blocks for at most four seconds.
struct PortProbe {
    private static let timeout = Duration.seconds(2)

    /// Whether a node of this host would be taken in there.
    static func greet(
        _ endpoint: Endpoint, security: TransportSecurity, serverKey: CurvePublicKey?
    ) -> PortFacts.Outcome {
        do throws(TransportError) {
            switch try HandshakeProbe.run(endpoint, security: security, serverKey: serverKey, timeout: Self.timeout) {
            case .succeeded: return .reachable
            case .refused(let reason): return .unwelcome(reason)
            // A plain connection tells why; where somebody listened, it would count as a failed handshake.
            case .silent: return self.connect(to: endpoint)
            }
        } catch {
            return .unreachable(error.message)
        }
    }

    /// Whether a node of this host can listen there.
    static func listen(on endpoint: Endpoint) -> PortFacts.Outcome {
        self.first(of: endpoint) { address in
            let file = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
            guard file >= 0 else { return .refused(Self.reason(errno)) }
            defer { close(file) }
            // As libzmq does: a connection that ended lately does not hold the port.
            var yes: Int32 = 1
            setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            guard bind(file, address.ai_addr, address.ai_addrlen) == 0, Glibc.listen(file, 1) == 0 else {
                return errno == EADDRINUSE ? .inUse : .refused(Self.reason(errno))
            }
            return .free
        }
    }

    /// Whether anybody answers there.
    private static func connect(to endpoint: Endpoint) -> PortFacts.Outcome {
        self.first(of: endpoint) { address in
            let kind = address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue)
            let file = socket(address.ai_family, kind, address.ai_protocol)
            guard file >= 0 else { return .unreachable(Self.reason(errno)) }
            defer { close(file) }
            if Glibc.connect(file, address.ai_addr, address.ai_addrlen) == 0 { return .reachable }
            guard errno == EINPROGRESS else { return .unreachable(Self.reason(errno)) }
            var wait = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
            let limit = Int32(Self.timeout / .milliseconds(1))
            guard poll(&wait, 1, limit) > 0 else { return .unreachable("no answer in 2 s") }
            var code: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(file, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else {
                return .unreachable(Self.reason(errno))
            }
            return code == 0 ? .reachable : .unreachable(Self.reason(code))
        }
    }

    private static func first(
        of endpoint: Endpoint, _ body: (addrinfo) -> PortFacts.Outcome
    ) -> PortFacts.Outcome {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(endpoint.bareHost, "\(endpoint.port)", &hints, &list) == 0, let address = list else {
            return .unknownHost
        }
        defer { freeaddrinfo(list) }
        return body(address.pointee)
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
