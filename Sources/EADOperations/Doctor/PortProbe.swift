import EADCore
import EADDoctor
import Glibc

/// Tries an address as a node would use it; sends nothing. Blocks for at most two seconds.
struct PortProbe {
    private static let timeoutMilliseconds: Int32 = 2000

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

    /// Whether somebody answers there.
    static func connect(to endpoint: Endpoint) -> PortFacts.Outcome {
        self.first(of: endpoint) { address in
            let kind = address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue)
            let file = socket(address.ai_family, kind, address.ai_protocol)
            guard file >= 0 else { return .unreachable(Self.reason(errno)) }
            defer { close(file) }
            if Glibc.connect(file, address.ai_addr, address.ai_addrlen) == 0 { return .reachable }
            guard errno == EINPROGRESS else { return .unreachable(Self.reason(errno)) }
            var wait = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
            guard poll(&wait, 1, Self.timeoutMilliseconds) > 0 else { return .unreachable("no answer in 2 s") }
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
        let host = endpoint.host.hasPrefix("[") ? String(endpoint.host.dropFirst().dropLast()) : endpoint.host
        guard getaddrinfo(host, "\(endpoint.port)", &hints, &list) == 0, let address = list else { return .unknownHost }
        defer { freeaddrinfo(list) }
        return body(address.pointee)
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
