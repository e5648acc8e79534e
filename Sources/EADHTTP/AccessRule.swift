import EADCore

/// Who may see what is served.
package struct AccessRule: Sendable {
    package enum Outcome: Hashable, Sendable {
        case allowed
        /// Nobody said who asks.
        case unauthorized
        /// The request was meant for another host, as that of a page that was made to look like one of this one.
        case misdirected
    }

    /// Nil: every process of this host may.
    private let token: [UInt8]?

    /// The cookie in which a browser keeps the token.
    package static let cookie = "ead_token"

    /// - Parameter token: Nil lets in every request that was made to a loopback name.
    package init(token: String?) { self.token = token.map { Array($0.utf8) } }

    package func outcome(of request: HTTPRequest) -> Outcome {
        guard self.token != nil else {
            return Self.isLoopback(request.headers["host"] ?? "") ? .allowed : .misdirected
        }
        return Self.tokens(in: request).contains(where: self.accepts) ? .allowed : .unauthorized
    }

    /// Takes the same time for any text of a length, so that nobody learns from it how much of a guess is right.
    package func accepts(_ guess: String) -> Bool {
        guard let token = self.token else { return true }
        let guess = Array(guess.utf8)
        var difference = UInt8(guess.count == token.count ? 0 : 1)
        for index in guess.indices { difference |= guess[index] ^ token[token.isEmpty ? 0 : index % token.count] }
        return difference == 0 && !token.isEmpty
    }

    private static func tokens(in request: HTTPRequest) -> [String] {
        var tokens: [String] = []
        let bearer = "Bearer "
        if let header = request.headers["authorization"], header.hasPrefix(bearer) {
            tokens.append(String(header.dropFirst(bearer.count)))
        }
        for pair in (request.headers["cookie"] ?? "").split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0].drop(while: { $0 == " " }) == Self.cookie { tokens.append(String(parts[1])) }
        }
        return tokens
    }

    /// Without this, any page of the web could read what is served here under a name that it points to 127.0.0.1.
    private static func isLoopback(_ host: String) -> Bool {
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return Endpoint(host: String(name), port: 0).isLoopback
    }
}
