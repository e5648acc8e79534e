package import EADCore
import Yams

/// Where the controller shows the run to browsers and to Prometheus.
package struct ObserveConfiguration: Hashable, Sendable {
    /// Where it listens; nil for nowhere.
    package var endpoint: Endpoint?
    /// A file that holds what a request has to say; nil lets in whoever is on this host.
    package var tokenFile: String?

    package init(endpoint: Endpoint? = nil, tokenFile: String? = nil) {
        self.endpoint = endpoint
        self.tokenFile = tokenFile
    }

    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.setting(.local("endpoint"), &self.endpoint, SettingType.webAddress.optional)
        visitor.setting(.local("token_file"), &self.tokenFile, SettingType.path.optional)
    }

    /// Settings that cannot be used together.
    func combinationProblems() -> [SettingProblem] {
        guard let endpoint = self.endpoint else {
            return self.tokenFile == nil ? [] : [SettingProblem("token_file", "must be absent without endpoint")]
        }
        guard !endpoint.isLoopback, self.tokenFile == nil else { return [] }
        return [
            SettingProblem(
                "token_file", "must name a file with a token: \(endpoint.host) can be reached from other hosts")
        ]
    }
}

extension SettingType<Endpoint> {
    /// An address that a browser connects to.
    static var webAddress: SettingType {
        SettingType("address host:port", range: "with a port above 0") { scalar in
            Endpoint("tcp://" + scalar.string).flatMap { $0.port > 0 ? $0 : nil }
        } render: {
            "\($0.host):\($0.port)".quotedForYAML
        }
    }
}
