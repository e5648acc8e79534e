import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    /// Strangers who connect and say nothing must not take the descriptors that the run needs.
    @Suite struct CrowdTests {
        @Test(arguments: [false, true])
        func moreStrangersThanDescriptorsStopNeitherControllerNorLearner(encrypted: Bool) async throws {
            let usual = ProcessClusterFile().steps
            var settings = ProcessClusterFile(oneWorker: true)
            // The crowd may stay for longer than a usual run.
            settings.steps = 1000
            let hashes = try await ProcessCluster.with(settings) { cluster in
                var settings = settings
                if encrypted {
                    let keys = try await cluster.makeKeys("controller", "learner", "worker-1", "control")
                    settings.security = ["mode: curve", "keys: keys", "public_keys:"] + keys
                    try cluster.write(settings, to: "cluster.yaml")
                }
                let limit = ["/bin/bash", "-c", "ulimit -n 1024; exec \"$@\"", "limited"]
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0, prefix: limit) }
                try await cluster.wait(for: "step 0") { try cluster.rootHashes()[0] != nil }
                let crowd = Process()
                crowd.executableURL = URL(filePath: "/bin/bash")
                // A file and no signal ends it: whoever runs the tests may ignore signals, and so would the shell.
                let end = cluster.directory.appending(path: "crowd-ends")
                crowd.arguments =
                    ["-c", Self.script, "crowd", end.path]
                    + [settings.controllerPort, settings.learnerPort].map(String.init)
                crowd.standardError = FileHandle.nullDevice
                try crowd.run()
                let before = try cluster.rootHashes().count
                try await cluster.wait(for: "the crowd to be noticed") {
                    try await cluster.status().map { $0.counters["connections_crowded_out", default: 0] > 0 } ?? false
                }
                try await cluster.wait(for: "two more steps in the crowd, and a whole run") {
                    try cluster.rootHashes().count >= max(before + 2, usual)
                }
                try cluster.write("", to: "crowd-ends")
                crowd.waitUntilExit()
                #expect(try await cluster.control("stop", "--cluster", cluster.file.path).status == 0)
                try await cluster.waitForSuccess(nodes)
                return try cluster.rootHashes().filter { $0.key < usual }
            }
            #expect(try await hashes == CalmRun.shared.outcome().rootHashes)
        }

        /// 1400 connections to each port at the same time, and again as long as it runs.
        private static let script = #"""
            ulimit -n 4096
            end=$1
            shift
            for port in "$@"; do
                while [ ! -e "$end" ]; do
                    bash -c 'for i in {1..1400}; do exec {fd}<>"/dev/tcp/127.0.0.1/$0"; done; sleep 2' "$port"
                done &
            done
            wait
            """#
    }
}
