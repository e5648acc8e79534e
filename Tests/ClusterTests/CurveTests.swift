import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    @Suite struct CurveTests {
        @Test func withKeysTwoHostsTrainAndStrangersAreRefusedAndCounted() async throws {
            let outcome = try await ProcessCluster.with(ProcessClusterFile(oneWorker: true)) { cluster in
                var settings = cluster.settings
                settings.learnerHost = "127.0.0.2"
                let keys = try await cluster.makeKeys("controller", "learner", "worker-1", "control")
                settings.security = ["mode: curve", "keys: keys", "public_keys:"] + keys
                try cluster.write(settings, to: "cluster.yaml")
                let controller = try cluster.start("controller")

                // A key of its own that is not on the list.
                let strangers = cluster.directory.appending(path: "strangers")
                let made = try await cluster.control("keygen", "worker-1", "--directory", strangers.path)
                var theirs = settings
                theirs.security[1] = "keys: strangers"
                theirs.security[5] = "  " + made.text.trimmingCharacters(in: .newlines)
                let file = try cluster.write(theirs, to: "stranger.yaml")
                let stranger = try cluster.start(
                    "worker-1", file: file, arguments: ["--run-dir", strangers.path], output: "stranger")
                try await cluster.wait(for: "the stranger to be refused") {
                    cluster.log(of: "stranger").contains("the server refused this node's key")
                }
                stranger.signal(SIGKILL)

                // No keys at all, in a file that says so.
                theirs.security = []
                theirs.learnerHost = "127.0.0.1"
                let plain = try cluster.write(theirs, to: "plain.yaml")
                let silent = try cluster.start(
                    "worker-1", file: plain, arguments: ["--run-dir", strangers.path], output: "plain")
                try await cluster.wait(for: "the handshake to fail") {
                    cluster.log(of: "plain").contains("no connection to")
                }
                silent.signal(SIGKILL)

                let status = try #require(try await cluster.status())
                #expect(status.counters["authentications_refused", default: 0] >= 1, "\(status.counters)")
                #expect(status.counters["handshakes_failed", default: 0] >= 1, "\(status.counters)")
                #expect(status.members.allSatisfy { $0.health == "absent" })

                let others = try ["learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.waitForSuccess([controller] + others)
                return try cluster.weights(after: settings.steps)
            }
            #expect(try await outcome == CalmRun.shared.outcome().weights)
        }

        @Test func plaintextOnAnAddressOthersCanReachIsRefused() async throws {
            try await ProcessCluster.with { cluster in
                var settings = cluster.settings
                settings.controllerHost = "192.0.2.1"
                let file = try cluster.write(settings, to: "open.yaml")
                for node in ["controller", "learner", "worker-1"] {
                    let child = try cluster.start(node, file: file)
                    #expect(try await cluster.ending(of: child) == .exited(78))
                    #expect(cluster.log(of: node).contains("must be a loopback address"))
                }
            }
        }
    }
}

extension ProcessCluster {
    /// Public keys by name, as `ead-ctl keygen` prints them; the secret ones lie in `keys`.
    func makeKeys(_ names: String...) async throws -> [String] {
        var lines: [String] = []
        for name in names {
            let output = try await self.control(
                "keygen", name, "--directory", self.directory.appending(path: "keys").path)
            #expect(output.status == 0, "\(output.text)")
            lines.append("  " + output.text.trimmingCharacters(in: .newlines))
        }
        return lines
    }
}
