import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    @Suite struct ControllerFaultTests {
        @Test func aControllerKilledAndStartedAgainFinishesTheRun() async throws {
            let outcome = try await ProcessCluster.with { cluster in
                let others = try ["learner", "worker-1", "worker-2"].map { try cluster.start($0) }
                var controller = try cluster.start("controller")
                for step in 0..<2 {
                    try await cluster.wait(for: "step \(step)") { try cluster.rootHashes()[step] != nil }
                    try await cluster.kill(controller)
                    controller = try cluster.start("controller")
                }
                try await cluster.waitForSuccess([controller] + others)
                let starts = try cluster.events("started")
                #expect(starts.count == 3)
                #expect(Set(starts.compactMap { $0.notes?["run"] }).count == 1)
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }

        @Test func membersThatWaitForADeadControllerSayHelloWhenItIsBack() async throws {
            let outcome = try await ProcessCluster.with { cluster in
                let others = try ["learner", "worker-1"].map { try cluster.start($0) }
                let controller = try cluster.start("controller")
                try await cluster.wait(for: "step 0") { try cluster.rootHashes()[0] != nil }
                try await cluster.kill(controller)
                for node in ["learner", "worker-1"] {
                    try await cluster.wait(for: "\(node) to notice") {
                        cluster.log(of: node).contains("the controller is silent for")
                    }
                }
                let again = try cluster.start("controller")
                try await cluster.waitForSuccess([again] + others)
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }
    }
}
