import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    @Suite struct WorkerFaultTests {
        @Test func aWorkerAskedToLeaveFinishesWhatItHolds() async throws {
            let outcome = try await ProcessCluster.with { cluster in
                let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
                let worker = try cluster.start("worker-2")
                try await cluster.atTheStartOfAStep("worker-2") { worker.signal(SIGTERM) }
                #expect(try await cluster.ending(of: worker) == .exited(0))
                let goodbye = try await cluster.wait(for: "the goodbye") {
                    try cluster.events("left", of: "worker-2").first
                }
                #expect(goodbye.notes?["reason"] == "drained")
                try await cluster.waitForSuccess(nodes)
                #expect(try cluster.events("lease_expired").isEmpty)
                #expect(try cluster.events("died").isEmpty)
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }

        @Test func aWorkerStoppedUntilItIsGivenUpForDeadComesBackAndHelps() async throws {
            let outcome = try await ProcessCluster.with { cluster in
                var nodes = try ["controller", "learner"].map { try cluster.start($0) }
                let zombie = try cluster.start("worker-2")
                try await cluster.stopUntilDead(zombie)
                nodes.append(try cluster.start("worker-1"))
                let joins = try cluster.events("joined", of: "worker-2").count
                zombie.signal(SIGCONT)
                // The same process under a new epoch.
                try await cluster.wait(for: "its new hello") {
                    try cluster.events("joined", of: "worker-2").count > joins
                }
                try await cluster.waitForSuccess(nodes + [zombie])
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }

        @Test func aStoppedWorkerWhosePlaceWasTakenIsFencedWhenItComesBack() async throws {
            let outcome = try await ProcessCluster.with { cluster in
                var nodes = try ["controller", "learner"].map { try cluster.start($0) }
                let zombie = try cluster.start("worker-2")
                try await cluster.stopUntilDead(zombie)
                nodes.append(try cluster.start("worker-1"))
                // Another run directory, as on another host: in this one the name is locked.
                let successor = try cluster.start(
                    "worker-2", arguments: ["--run-dir", cluster.directory.appending(path: "other-host").path],
                    output: "successor")
                let joins = try cluster.events("joined", of: "worker-2").count
                try await cluster.wait(for: "the successor to join") {
                    try cluster.events("joined", of: "worker-2").count > joins
                }
                zombie.signal(SIGCONT)
                #expect(try await cluster.ending(of: zombie) == .exited(75))
                #expect(cluster.log(of: "worker-2").contains("a newer process took over the name worker-2"))
                try await cluster.waitForSuccess(nodes + [successor])
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }
    }
}

extension ProcessCluster {
    /// Does something to a worker just after a step has begun, when it has taken its leases on and works on them.
    func atTheStartOfAStep(_ worker: String, _ body: () async throws -> Void) async throws {
        let joins = try self.events("joined", of: worker).count
        if joins == 0 {
            try await self.wait(for: "\(worker) to join") { try self.events("joined", of: worker).count > 0 }
        }
        let trained = try self.rootHashes().count
        try await self.wait(for: "another step") { try self.rootHashes().count > trained }
        try await body()
    }

    /// Stops a worker while it holds leases until the controller gives it up for dead and takes them back.
    ///
    /// It should be the only worker so far: then the run waits for it, and it always holds some.
    func stopUntilDead(_ worker: ProcessClusterChild) async throws {
        // Its last group may have arrived after the heartbeat that listed it; the run log tells, and it is tried again.
        for attempt in 0..<self.settings.steps {
            try await self.waitForLeases(worker.name)
            worker.signal(SIGSTOP)
            if try await self.leasesLost(by: worker.name, death: attempt) { return }
            worker.signal(SIGCONT)
        }
        throw self.failure("\(worker.name) was never stopped with a lease in its hands")
    }

    /// Starts a worker, the only one so far, and kills it while it holds leases, which the controller takes back.
    func killWorkerWithLeases(_ name: String) async throws {
        for attempt in 0..<self.settings.steps {
            let worker = try self.start(name)
            try await self.waitForLeases(name)
            try await self.kill(worker)
            if try await self.leasesLost(by: name, death: attempt) { return }
        }
        throw self.failure("\(name) was never killed with a lease in its hands")
    }

    private func waitForLeases(_ worker: String) async throws {
        try await self.waitForStatus("\(worker) to hold leases") { status in
            status.member(worker).flatMap { $0.health == "alive" && !$0.leases.isEmpty ? () : nil }
        }
    }

    private func leasesLost(by worker: String, death: Int) async throws -> Bool {
        let record = try await self.wait(for: "\(worker) to be found dead") {
            try self.events("died", of: worker).dropFirst(death).first
        }
        return try #require(record["leases"]) >= 1
    }
}
