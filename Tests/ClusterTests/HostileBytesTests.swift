import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    @Suite struct HostileBytesTests {
        @Test func hostileBytesOnBothPortsNeitherStopTheRunNorFillTheMemory() async throws {
            var settings = ProcessClusterFile()
            // The attack may last longer than a usual run.
            settings.steps = 1000
            let hashes = try await ProcessCluster.with(settings) { cluster in
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.wait(for: "step 0") { try cluster.rootHashes()[0] != nil }
                let before = nodes.prefix(2).map(\.residentBytes)
                let ports = [cluster.settings.controllerPort, cluster.settings.learnerPort]
                // Blocking clients, on a thread of their own.
                let attack = Process()
                attack.executableURL = URL(filePath: "/bin/bash")
                attack.arguments = ["-c", Self.script, "attack"] + ports.map(String.init)
                attack.standardError = FileHandle.nullDevice
                try attack.run()
                let status = try await cluster.wait(for: "the rejections to be counted") {
                    try await cluster.status().flatMap { status in
                        let counters = status.counters
                        return counters["connections_cut", default: 0] >= 1
                            && counters["handshakes_failed", default: 0] >= 1
                            ? status : nil
                    }
                }
                #expect(status.phase == "training")
                let growth = zip(nodes, before).map { ($0.residentBytes - $1) >> 20 }
                #expect(growth.allSatisfy { $0 < 96 }, "grown by \(growth) MiB")
                let usual = ProcessClusterFile().steps
                try await cluster.wait(for: "as many steps as in a usual run") {
                    try cluster.rootHashes().count >= usual
                }
                #expect(try await cluster.control("stop", "--cluster", cluster.file.path).status == 0)
                try await cluster.waitForSuccess(nodes)
                attack.terminate()
                attack.waitUntilExit()
                #expect(cluster.log(of: "learner").contains("cut a connection"))
                return try cluster.rootHashes().filter { $0.key < usual }
            }
            #expect(try await hashes == CalmRun.shared.outcome().rootHashes)
        }

        /// On each port: noise, ZMTP 1.0, a frame of 2^40 bytes, a greeting without end, and 100 MB of frames that all
        /// announce another one.
        private static let script = #"""
            greeting='\xff\0\0\0\0\0\0\0\0\x7f\x03\0NULL'
            zeros() { head -c "$1" /dev/zero; }
            ready='\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06DEALER'
            for port in "$@"; do
                (head -c 100000 /dev/urandom >"/dev/tcp/127.0.0.1/$port") &
                (printf '\x01\x00\x06\x00hello' >"/dev/tcp/127.0.0.1/$port") &
                ({ printf "$greeting"; zeros 48; head -c 1000 /dev/urandom; } >"/dev/tcp/127.0.0.1/$port") &
                ({ printf "$greeting"; zeros 48; printf "$ready"; printf '\x02\0\0\x01\0\0\0\0\0'; sleep 1
                 } >"/dev/tcp/127.0.0.1/$port") &
                ({ printf "$greeting"; zeros 48; printf "$ready"
                   for i in {1..100}; do printf '\x03\0\0\0\0\0\x0f\x42\x40'; zeros 1000000; done
                 } >"/dev/tcp/127.0.0.1/$port") &
            done
            wait
            """#
    }
}
