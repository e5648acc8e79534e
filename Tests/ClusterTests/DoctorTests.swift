import EADTestKit
import Foundation
import Glibc
import Testing

extension ClusterTests {
    /// `ead-ctl doctor` on this machine, with the cluster file of a test.
    @Suite struct DoctorTests {
        private struct Answer: Decodable {
            struct Check: Decodable {
                var name: String
                var outcome: String
                var found: String
                var values: [String: Double]
            }
            var outcome: String
            var checks: [Check]
        }

        private func examine(_ cluster: ProcessCluster, _ arguments: String...) async throws -> (Int32?, Answer) {
            let output = try await cluster.control(
                ["doctor", "--json", "--cluster", cluster.file.path] + arguments)
            return (output.status, try JSONDecoder().decode(Answer.self, from: Data(output.text.utf8)))
        }

        @Test func aHostThatCanRunTheClusterIsReady() async throws {
            try await ProcessCluster.with { cluster in
                let (status, answer) = try await self.examine(cluster)
                #expect(status == 0 && answer.outcome != "fail", "\(answer)")
                let names = Set(answer.checks.map(\.name))
                let expected = [
                    "cpu", "cores", "peaks", "memory", "huge pages", "libraries", "cluster", "task", "port", "model",
                    "worker", "learner", "together", "limits", "disk",
                ]
                #expect(names.isSuperset(of: expected), "\(names)")
                #expect(answer.checks.filter { $0.name == "port" }.map(\.outcome) == ["ok", "ok"])
                let peaks = try #require(answer.checks.first { $0.name == "peaks" }?.values)
                #expect(try #require(peaks["memory_read_bytes"]) > 0)
                let lines = try await cluster.control("doctor", "--cluster", cluster.file.path).text
                #expect(lines.split(separator: "\n").contains { $0.hasPrefix("ready") })
            }
        }

        @Test func aPortInUseIsToldAndAMissingModelFails() async throws {
            try await ProcessCluster.with { cluster in
                let controller = try cluster.start("controller")
                _ = try await cluster.waitForStatus("the controller") { $0.phase }
                let (running, answer) = try await self.examine(cluster)
                #expect(running == 0)
                #expect(answer.checks.filter { $0.name == "port" }.map(\.outcome) == ["warn", "ok"])
                controller.signal(SIGTERM)
                _ = try await cluster.ending(of: controller)
                let (status, missing) = try await self.examine(cluster, "--model", "/nowhere/model.gguf")
                #expect(status == 1 && missing.outcome == "fail")
                #expect(missing.checks.first { $0.outcome == "fail" }?.found.contains("/nowhere/model.gguf") == true)
            }
        }
    }
}
