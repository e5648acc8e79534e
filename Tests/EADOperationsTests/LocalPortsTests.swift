import EADConfiguration
import EADCore
import EADTestKit
import Foundation
import Glibc
import Testing

@testable import EADOperations

struct LocalPortsTests {
    private func configuration(controller: Int, learner: Int) throws -> ClusterConfiguration {
        let text = """
            run: { name: ports, steps: 1 }
            task: { kind: add2, held_out: 1 }
            training: { prompts_per_step: 1, samples_per_prompt: 2, learning_rate: 1e-6 }
            sampling: { max_tokens: 4 }
            nodes:
              controller: { endpoint: "tcp://127.0.0.1:\(controller)" }
              learner: { endpoint: "tcp://127.0.0.1:\(learner)" }
              workers: [{ name: w }]
            security: { mode: plaintext }
            """
        return try ClusterConfiguration.parse(text, file: "c.yaml", places: Places(file: "/c.yaml"))
    }

    /// A port of the loopback on which somebody listens.
    private func withPort<Value>(_ body: (Int) throws -> Value) throws -> Value {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(file) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(file, $0, size) == 0 && getsockname(file, $0, &size) == 0
            }
        }
        try #require(bound && listen(file, 1) == 0)
        return try body(Int(in_port_t(bigEndian: address.sin_port)))
    }

    @Test func aTakenPortIsNamedWithItsSettingBeforeAnythingStarts() throws {
        let failure = try self.withPort { port in
            try LocalPorts(self.configuration(controller: 1, learner: port)).failure().map { ($0, port) }
        }
        let (found, port) = try #require(failure)
        #expect(found.code == .unavailable)
        #expect(found.message.contains("nodes.learner cannot listen on tcp://127.0.0.1:\(port): somebody does already"))
    }

    @Test func everyAddressThatCannotBeHadIsNamed() throws {
        let message = try self.withPort { first in
            try self.withPort { second in
                try LocalPorts(self.configuration(controller: first, learner: second)).failure()?.message
            }
        }
        #expect(message?.split(separator: "\n").count == 2, "\(message ?? "nothing")")
    }
}
