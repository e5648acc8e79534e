import EADController
import EADCore
import EADLearner
import EADMessages
import EADProtocol
import EADWorker

/// Statuses compared with what the simulator knows.
///
/// A status is made of what the controller has heard, so what it says may be over already. But nothing it says may be false
/// for longer than hearing of it can take.
struct StatusTruth: Sendable {
    /// The controller takes a member for dead and a lease for lost within it, though messages are lost meanwhile.
    static let grace = Duration.seconds(30)

    /// What is said and not so, since when.
    private var since: [String: ContinuousClock.Instant] = [:]
    /// Statuses that were compared.
    private(set) var count = 0

    /// The controller hears nothing, or begins anew: what it says cannot be held against it.
    mutating func excuse() { self.since = [:] }

    /// What has been false for too long.
    mutating func note(_ claims: [String], now: ContinuousClock.Instant) -> [String] {
        self.count += 1
        self.since = Dictionary(uniqueKeysWithValues: Set(claims).map { ($0, self.since[$0] ?? now) })
        let lies = self.since.filter { $0.value + Self.grace <= now }.keys.sorted()
        for lie in lies { self.since[lie] = now }
        return lies
    }
}

extension Simulation {
    /// A run that is not over waits for somebody, says for whom, and nothing that it says stays false.
    func checkStatus() {
        guard let controller = self.controller, self.isRunning(Self.controllerNode), !self.isCut(Self.controllerNode)
        else { return self.ledger.truth.excuse() }
        let status = controller.status(since: GlobalStep(.max), now: self.clock(Self.controllerNode))
        if controller.wait == nil, status.phase != .finished {
            self.ledger.violation("\(status.phase) waits for nobody")
        }
        var claims = controller.wait.flatMap { self.isFalse($0) ? "waits for \($0.text)" : nil }.map { [$0] } ?? []
        if let learner = self.learner, self.isReachable(Self.learnerNode), learner.step != status.step {
            claims.append("is at step \(status.step)")
        }
        claims += status.members.flatMap(self.falseClaims)
        for lie in self.ledger.truth.note(claims, now: self.now) {
            self.ledger.violation("the status said for \(StatusTruth.grace) that the run \(lie)")
        }
    }

    private func isCut(_ node: NodeID) -> Bool { (self.cutUntil[node] ?? self.start) > self.now }

    private func isReachable(_ node: NodeID) -> Bool {
        let isHeard =
            !self.isCut(from: node, to: Self.controllerNode) && !self.isCut(from: Self.controllerNode, to: node)
        return self.isAlive(node) && self.isRunning(node) && isHeard && !self.left.contains(node)
    }

    private func isFalse(_ wait: Wait) -> Bool {
        let workers = self.workerNodes.filter(self.isReachable)
        switch wait {
        case .joining(.learner, _): return self.isReachable(Self.learnerNode)
        case .joining: return !workers.isEmpty
        case .report(let step):
            return self.isReachable(Self.learnerNode) && self.learner.map { $0.step <= step } ?? false
        case .training(let step, let health):
            guard self.isReachable(Self.learnerNode), let learner = self.learner else { return false }
            let isCollecting = learner.activity == .collecting && learner.acceptedSlots.count < Int(learner.slotCount)
            return learner.step < step || (learner.step == step && isCollecting) || health != .alive
        case .groups(let holders, _):
            return holders.allSatisfy { holder in
                self.workers[holder.node]?.heldLeases.isEmpty ?? !self.isAlive(holder.node)
            }
        case .slots(let slots, _, _):
            return slots.allSatisfy { slot in
                self.workers[slot.node]?.heldLeases.isEmpty ?? !self.isAlive(slot.node)
            }
        case .room(let hindered) where hindered.isEmpty:
            return workers.contains { self.workers[$0].map { !$0.draining && $0.heldLeases.count < 3 } ?? false }
        case .room(let hindered):
            return hindered.contains { node, hindrance in
                guard self.isReachable(node) else { return false }
                switch hindrance {
                case .failing: return false  // An offer that was lost is a failure.
                case .stalled: return self.isBusy(node)
                case .leaving: return self.workers[node]?.draining == false
                }
            }
        case .departure(let nodes, let away):
            let isOver = nodes.allSatisfy { self.left.contains($0) && !away.contains($0) }
            return isOver || away.contains(where: self.isReachable)
        case .recovery(let node, _):
            return self.isReachable(node) && self.learner.map { $0.activity != .recovering } ?? false
        case .lease, .answer, .chunks, .pieces, .acknowledgements, .weights, .replay, .rollouts, .resumption,
            .probation, .restart:
            return true
        }
    }

    /// What a member's row says and is not so.
    private func falseClaims(_ row: MemberStatus) -> [String] {
        switch row.health {
        case .dead, .absent: return self.isReachable(row.node) ? ["misses \(row.node)"] : []
        case .stalled:
            return self.isReachable(row.node) && self.isBusy(row.node) ? ["sees \(row.node) stalled"] : []
        case .alive: break
        }
        guard self.isAlive(row.node) else { return ["sees \(row.node) alive"] }
        guard self.isReachable(row.node) else { return [] }
        let said = row.heartbeat
        let (activity, wait) =
            self.workers[row.node]?.doing ?? (said.activity, self.learner?.wait)
        var claims: [String] = []
        if said.activity != activity { claims.append("sees \(row.node) \(said.activity)") }
        // Of one that is given less, the controller says what it knows better.
        let isOnProbation = said.waitingFor.contains("times in a row")
        if !isOnProbation, said.waitingFor != wait?.text ?? "" {
            claims.append("sees \(row.node) wait for “\(said.waitingFor)”")
        }
        return claims
    }
}
