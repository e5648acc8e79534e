/// A TCP address, written `tcp://host:port`; the host is a name, an IPv4 address or `[IPv6]`.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible, Codable {
    package let host: String
    /// 0 asks the system for a free port when listening.
    package let port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Parses `tcp://host:port`; nil for anything else.
    package init?(_ text: String) {
        let prefix = "tcp://"
        guard text.hasPrefix(prefix), let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        let host = text[text.index(text.startIndex, offsetBy: prefix.count)..<colon]
        let bracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard !host.isEmpty, bracketed || !host.contains(":"), !host.contains("/") else { return nil }
        self.host = String(host)
        self.port = port
    }

    /// The host as name services and sockets take it: an IPv6 address without brackets.
    package var bareHost: String { self.host.hasPrefix("[") ? String(self.host.dropFirst().dropLast()) : self.host }

    package var description: String { "tcp://\(self.host):\(self.port)" }

    /// Whether only processes of this machine can reach it. A host name other than `localhost` counts as reachable.
    package var isLoopback: Bool {
        if self.host == "localhost" || self.host == "[::1]" { return true }
        let parts = self.host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return parts.count == 4 && parts.allSatisfy { $0 != nil } && parts[0] == 127
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let endpoint = Endpoint(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "an endpoint is tcp://host:port, not '\(text)'")
        }
        self = endpoint
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}
