package import EADCore
import Yams

/// A node that others connect to, without computing.
package struct ControllerConfiguration: Hashable, Sendable {
    package var name: NodeID
    /// Where the others reach it.
    package var endpoint: Endpoint
    /// Where it listens: `endpoint`, unless the host listens on another address than others use.
    package var bind: Endpoint

    package init(name: NodeID = NodeID("controller"), endpoint: Endpoint, bind: Endpoint? = nil) {
        self.name = name
        self.endpoint = endpoint
        self.bind = bind ?? endpoint
    }

    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.setting("name", &self.name, .node)
        visitor.setting(.required("endpoint"), &self.endpoint, .endpoint)
        // Read after `endpoint`, which it repeats where it is not given.
        var bind: Endpoint? = self.bind.port == 0 ? self.endpoint : self.bind
        visitor.setting(.local("bind", absent: "`endpoint`"), &bind, SettingType.endpoint.optional)
        self.bind = bind ?? self.endpoint
    }
}

/// The node that trains.
package struct LearnerConfiguration: Hashable, Sendable {
    package var name: NodeID
    /// Where the workers reach it.
    package var endpoint: Endpoint
    /// Where it listens: `endpoint`, unless the host listens on another address than others use.
    package var bind: Endpoint
    /// Threads that compute.
    package var threads: Int
    /// Rows of logits in memory at once.
    package var logitRows: Int

    package init(
        name: NodeID = NodeID("learner"), endpoint: Endpoint, bind: Endpoint? = nil, threads: Int = 1,
        logitRows: Int = 64
    ) {
        self.name = name
        self.endpoint = endpoint
        self.bind = bind ?? endpoint
        self.threads = threads
        self.logitRows = logitRows
    }

    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.setting("name", &self.name, .node)
        visitor.setting(.required("endpoint"), &self.endpoint, .endpoint)
        var bind: Endpoint? = self.bind.port == 0 ? self.endpoint : self.bind
        visitor.setting(.local("bind", absent: "`endpoint`"), &bind, SettingType.endpoint.optional)
        self.bind = bind ?? self.endpoint
        visitor.setting(.local("threads"), &self.threads, .integer(1...1024))
        visitor.setting(.local("logit_rows"), &self.logitRows, .integer(1...4096))
    }
}

/// A node that samples.
package struct WorkerConfiguration: Hashable, Sendable {
    package var name: NodeID
    /// Threads that compute.
    package var threads: Int
    /// Rows of logits in memory at once.
    package var logitRows: Int
    /// Responses sampled at a time.
    package var lanes: Int
    /// Where `ead-ctl launch ssh` starts it; nil where somebody else does.
    package var host: String?

    package init(name: NodeID, threads: Int = 1, logitRows: Int = 64, lanes: Int = 64, host: String? = nil) {
        self.name = name
        self.threads = threads
        self.logitRows = logitRows
        self.lanes = lanes
        self.host = host
    }

    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.setting(.required("name"), &self.name, .node)
        visitor.setting(.local("threads"), &self.threads, .integer(1...1024))
        visitor.setting(.local("logit_rows"), &self.logitRows, .integer(1...4096))
        visitor.setting(.local("lanes"), &self.lanes, .integer(1...4096))
        visitor.setting(.local("host"), &self.host, SettingType.host.optional)
    }
}

extension SettingType<String> {
    /// A host as ssh takes it; nothing that could be an option of a command.
    static var host: SettingType {
        SettingType("host or user@host", range: "of letters, digits and . _ - : @") { scalar in
            let isPlain = scalar.string.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "._-:@".utf8.contains(byte)
                }
            }
            return isPlain && !scalar.string.isEmpty && scalar.string.first != "-" ? scalar.string : nil
        } render: {
            $0.quotedForYAML
        }
    }
}
