import EADCore
import EADMessages
import EADProtocol

/// Sources of a small run: 7 problems, steps of 3 prompts with at most 6 slots.
enum WorkHarness {
    static let problems = (0..<7).map { Problem(index: UInt32($0), prompt: "problem \($0)", answer: "\($0)") }
    static let order = ProblemOrder(problemCount: 7, promptsPerStep: 3) { count, pass in
        (0..<UInt32(count)).map { ($0 * 3 + UInt32(pass)) % UInt32(count) }
    }

    static let curriculum = Curriculum(
        problems: problems, order: order,
        replacements: ReplacementOrder(order) {
            5 + $0
        } permutation: { count, _, step in
            (0..<UInt32(count)).map { ($0 + UInt32(step.rawValue)) % UInt32(count) }
        }, maximumSlots: 6, samples: 2, seed: 5)

    static let terms = LeaseTerms(duration: .seconds(20), offerTimeout: .seconds(2), maximumAttempts: 1_000_000)

    static func window(_ bound: UInt64, totalSteps: UInt64 = 10, at step: UInt64 = 0) -> TrainingWindow {
        TrainingWindow(
            at: GlobalStep(step), curriculum: self.curriculum, gate: StalenessGate(bound: bound), terms: self.terms,
            totalSteps: totalSteps)
    }

    static func evaluation(_ version: UInt64 = 4, problems: Int = 3, samples: UInt32 = 2) -> EvaluationWork {
        EvaluationWork(
            version: PolicyVersion(version), problems: Array(self.problems.suffix(problems)), samples: samples,
            isGreedy: true, request: 77, seed: 5, terms: self.terms)
    }

    static func held(_ step: UInt64, _ slots: [UInt32], of count: UInt32 = 3) -> GroupsAccepted {
        GroupsAccepted(step: GlobalStep(step), slots: slots, slotCount: count)
    }

    static func answer(_ samples: Int = 2, greedy: Int = 1, reward: Float = 1) -> [EvaluatedSample] {
        (0..<samples + greedy).map {
            EvaluatedSample(
                greedy: $0 >= samples, verdict: Verdict(reward: reward, strictReward: 0), tokens: 1, text: "")
        }
    }
}

extension WorkSource {
    /// What a worker with so much room is offered.
    mutating func offers(_ count: Int = .max, to node: NodeID = NodeID("a"), now: ContinuousClock.Instant) -> [Lease] {
        var leases: [Lease] = []
        while leases.count < count, let lease = self.offer(to: node, now: now) { leases.append(lease) }
        return leases
    }
}

extension Lease {
    var id: LeaseID { LeaseID(group: self.group, attempt: self.attempt) }
}

extension BatchAssembler {
    mutating func receive(group: RolloutGroup) -> Judgement { self.receive(group: group, from: NodeID("worker")) }
}

extension BatchWindow {
    mutating func receive(group: RolloutGroup) -> BatchAssembler.Judgement {
        self.receive(group: group, from: NodeID("worker"))
    }
}
