import EADAlgorithms
import EADController
import EADCore
import EADEvaluation
import EADMessages
import EADProtocol

/// What every run is held to, whatever went wrong in it and whatever its staleness bound is: its own record.
extension Simulation {
    /// What of it does not hold, in words.
    package var brokenPromises: [String] {
        var broken = self.ledger.violations
        func expect(_ holds: Bool, _ promise: @autoclosure () -> String) { if !holds { broken.append(promise()) } }
        let steps = self.settings.plan.steps
        expect(self.finished && self.snapshot.finished, "the run does not end: \(self.summary)")
        expect(
            self.disk.checkpoint.step.rawValue == steps,
            "the last checkpoint is of step \(self.disk.checkpoint.step): \(self.summary)")
        expect(self.ledger.trained.count == Int(steps), "\(self.ledger.trained.count) steps were trained")
        // What was trained, folded from the first weights, gives the last ones.
        var weights: [UInt64] = [17]
        for step in 0..<steps {
            weights.append(Self.weights(weights[Int(step)], trainedOn: self.ledger.trained[GlobalStep(step)] ?? []))
        }
        expect(self.disk.checkpoint.weights == weights.last, "the last weights are not those of the groups trained")
        for step in 0..<steps { broken += self.faults(inStep: GlobalStep(step), weights) }
        broken += self.faultsInReports(weights) + self.faultsInEvaluations(weights)
        if self.ledger.restorations == 0 {
            for group in self.ledger.acknowledged {
                let held = self.ledger.journalled[group.id.step]?[group.id.slot]
                expect(held?.rollouts == group.rollouts, "\(group.id) was acknowledged and is not in the run")
            }
        }
        return broken
    }

    /// Its slots are its own, every prompt comes once, each group is what its version gives, and the filter's are trained.
    private func faults(inStep step: GlobalStep, _ weights: [UInt64]) -> [String] {
        var broken: [String] = []
        func expect(_ holds: Bool, _ promise: String) { if !holds { broken.append("step \(step): \(promise)") } }
        let curriculum = self.settings.curriculum
        let trained = self.ledger.trained[step] ?? []
        let sampled = (self.ledger.journalled[step] ?? [:]).values.sorted { $0.id < $1.id }
        expect(sampled.map(\.id.slot) == Array(0..<UInt32(sampled.count)), "it has slots that are not its own")
        expect(
            sampled.map(\.problem) == curriculum.items(of: step, count: sampled.count).map(\.problem.index),
            "its problems are not those of the task")
        expect(sampled.allSatisfy { Self.age($0) <= self.gate.bound }, "it has groups that are too old")
        let keeps: (RolloutGroup) -> Bool = { self.filter == .none || Set($0.rewards).count > 1 }
        let count = min(curriculum.order.promptsPerStep + sampled.count { !keeps($0) }, curriculum.maximumSlots)
        // With another past it may have had more.
        let isOver = sampled.count > count && self.ledger.hasOtherPast
        expect(sampled.count == count || isOver, "it has \(sampled.count) groups instead of \(count)")
        guard !self.ledger.hasOtherPast else { return broken }
        expect(
            trained.map(\.rollouts) == sampled.filter(keeps).map(\.rollouts), "it was not trained on what it accepted")
        // Of a run that does not end there may be holes.
        let items = curriculum.items(of: step, count: sampled.count)
        for group in sampled
        where weights.indices.contains(Int(group.newestVersion.rawValue)) && items.indices.contains(Int(group.id.slot))
        {
            let lease = Lease(
                group: group.id, attempt: 1, oldestVersion: group.policyVersion,
                problem: curriculum.problems[Int(group.problem)], samples: curriculum.samples,
                seed: items[Int(group.id.slot)].seed, duration: .zero)
            let versions = group.rollouts.enumerated().map { index, rollout in
                (0..<rollout.trace.count).map { group.version(at: $0, of: index) }
            }
            let again = Self.rollouts(lease, group.policyVersion, drawnBy: versions) { weights[Int($0.rawValue)] }
            expect(again.rollouts == group.rollouts, "\(group.id) is not what the versions it names give")
        }
        return broken
    }

    private func faultsInReports(_ weights: [UInt64]) -> [String] {
        var broken: [String] = []
        var reports: [GlobalStep: StepReport] = [:]
        for case .stepped(let report) in self.log { reports[report.step] = report }
        for step in 0..<self.settings.plan.steps {
            guard let report = reports[GlobalStep(step)] else {
                // The reports of steps that a learner trained in an earlier life, but for its last, are not made again.
                if self.lives[Self.learnerNode] ?? 1 <= 1, self.ledger.deaths == 0 {
                    broken.append("step \(step) was not reported")
                }
                continue
            }
            // Of a step trained again in another past, the report may be the one of the first time.
            guard !self.ledger.hasOtherPast else { continue }
            if report.rootHash != Self.chunks(of: weights[Int(step) + 1])[0] {
                broken.append("step \(step) was reported with other weights")
            }
        }
        return broken
    }

    /// The evaluations are of the weights of their versions: nobody answered with others, and training waited.
    private func faultsInEvaluations(_ weights: [UInt64]) -> [String] {
        let made = self.snapshot.evaluations.map(\.version.rawValue)
        let steps = self.settings.plan.steps
        guard made == [0, steps] || (self.ledger.restorations > 0 && made.contains(steps)) else {
            return ["evaluations were made of versions \(made)"]
        }
        return made.filter { version in
            let problems = self.settings.heldOut
            let expected = problems.indices.map { slot in
                let lease = Lease(
                    group: GroupID(purpose: .evaluation, step: GlobalStep(version), slot: UInt32(slot)), attempt: 1,
                    oldestVersion: PolicyVersion(version), problem: problems[slot],
                    samples: self.settings.evaluationSamples, seed: self.settings.curriculum.seed,
                    duration: .zero)
                let chunks = Self.chunks(of: weights[Int(version)])
                return Self.rollouts(lease, (lease.oldestVersion, chunks)).rollouts.map { "\($0.trace.tokens)" }
            }
            return self.evaluationFiles[PolicyVersion(version)]?.map { $0.samples.map(\.text) } != expected
        }.map { "the evaluation of version \($0) is not of its weights" }
    }

    /// By how many versions the policy of a group was older than its step.
    static func age(_ group: RolloutGroup) -> UInt64 {
        group.id.step.startVersion.rawValue - group.policyVersion.rawValue
    }
}
