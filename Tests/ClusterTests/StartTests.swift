import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    @Suite struct StartTests {
        @Test func theControllerMayComeLast() async throws {
            let outcome = try await ProcessCluster.with { cluster in
                let others = try ["worker-1", "learner"].map { try cluster.start($0) }
                for node in ["worker-1", "learner"] {
                    // The first hello, and those after a wait.
                    try await cluster.wait(for: "\(node) to have waited for 3 s") {
                        cluster.log(of: node).contains("waiting for the controller at")
                            && cluster.log(of: node).contains("for 3 s")
                    }
                }
                let controller = try cluster.start("controller")
                try await cluster.waitForSuccess([controller] + others)
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }

        @Test func aSecondProcessOfANodeIsTurnedAwayAndTheFirstGoesOn() async throws {
            let outcome = try await ProcessCluster.with { cluster in
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                try await cluster.waitForStatus("all to be there") { status in
                    status.members.filter { $0.health == "alive" }.count == 2 ? () : nil
                }
                for node in nodes {
                    let second = try cluster.start(node.name, output: "second-\(node.name)")
                    #expect(try await cluster.ending(of: second) == .exited(69))
                    let log = cluster.log(of: "second-\(node.name)")
                    #expect(log.contains("is held by process \(node.id); stop that process"), "\(log)")
                }
                try await cluster.waitForSuccess(nodes)
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }
    }
}
