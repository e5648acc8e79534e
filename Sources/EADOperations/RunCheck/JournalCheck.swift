import EADCore
import EADProtocol
import EADSampling

/// The rules for the groups that a learner accepted, a step after another.
struct JournalCheck {
    private let curriculum: Curriculum?
    private let slots: Int
    private let gate: StalenessGate
    private let mixesVersions: Bool
    private let schedule: TemperatureSchedule

    private var oneRun = RunFinding("the journal is of the run of the log")
    private var once = RunFinding("every slot is accepted once, by its step alone")
    private var whole = RunFinding("a step was trained on all of its slots")
    private var versions = RunFinding("a group is of versions that were there, within the staleness bound")
    private var runs = RunFinding("a response is of one version, or went on with newer ones where it may")
    private var problems = RunFinding("a slot's problem is the one that task and seed give it")
    private var passes = RunFinding("every problem comes once per pass")
    private var temperatures = RunFinding("temperatures are those of the step of use, to the bit")

    /// Problems of the passes' slots in their order, as long as steps follow each other.
    private var drawn: Set<UInt32> = []
    private var next: UInt64?

    /// - Parameters:
    ///   - curriculum: Nil where the task's data cannot be read.
    ///   - slots: Groups that a step trains on.
    ///   - bound: The staleness that groups may have.
    ///   - mixesVersions: Whether responses may go on with newer versions.
    init(
        curriculum: Curriculum?, slots: Int, bound: UInt64, mixesVersions: Bool, sampling: SamplingConfiguration
    ) {
        self.curriculum = curriculum
        self.slots = slots
        self.gate = StalenessGate(bound: bound)
        self.mixesVersions = mixesVersions
        self.schedule = sampling.schedule
    }

    var findings: [RunFinding] {
        [
            self.oneRun, self.once, self.whole, self.versions, self.runs, self.problems, self.passes, self.temperatures,
        ]
    }

    /// - Parameters:
    ///   - run: What the log says; nil if it does not.
    ///   - isTrained: Whether the log reports this step or a later one.
    mutating func look(at held: JournalledStep, of step: GlobalStep, run: String?, isTrained: Bool) {
        if let own = held.run, let run { self.oneRun.expect("\(own)" == run, "step \(step) is of run \(own)") }
        var seen: Set<UInt32> = []
        for group in held.groups.map(\.group) {
            self.once.expect(
                group.id.step == step && group.id.purpose == .training && seen.insert(group.id.slot).inserted,
                "\(group.id) is in the file of step \(step) and there already")
            self.look(at: group)
        }
        if isTrained {
            let count = seen.count
            self.whole.expect(
                count >= self.slots && seen.max() == UInt32(count - 1),
                "step \(step) has \(count) slots, the highest \(seen.max() ?? 0), and needs \(self.slots)")
            self.pass(held.groups.map(\.group), step)
        }
    }

    private mutating func look(at group: RolloutGroup) {
        let step = group.id.step
        self.versions.expect(
            [group.policyVersion, group.newestVersion].allSatisfy { self.gate.mayUse($0, in: step) },
            "\(group.id) is of version \(group.policyVersion), its newest \(group.newestVersion)")
        if let curriculum = self.curriculum {
            let item = curriculum.items(of: step, count: Int(group.id.slot) + 1)[Int(group.id.slot)]
            self.problems.expect(
                item.problem.index == group.problem,
                "\(group.id) is of problem \(group.problem), not \(item.problem.index)")
        }
        for (index, rollout) in group.rollouts.enumerated() {
            let difference = self.difference(in: rollout.trace, step)
            let fault = rollout.runs.fault(tokens: rollout.trace.count, group: group.policyVersion)
            self.runs.expect(
                fault == nil && (self.mixesVersions || rollout.runs.isEmpty),
                "\(group.id), rollout \(index), has \(fault?.description ?? "\(rollout.runs.runs.count) runs")")
            self.temperatures.look(difference.map { "\(group.id), rollout \(index), \($0)" })
        }
    }

    private func difference(in trace: TokenTrace, _ step: GlobalStep) -> String? {
        for (position, recorded) in trace[.temperature].enumerated() {
            let wanted = self.schedule.temperature(at: position, step: step)
            if wanted.bitPattern != recorded.bitPattern { return "token \(position): \(recorded) instead of \(wanted)" }
        }
        return nil
    }

    /// The steps' own slots, without those in the place of refused groups, are the passes one after another.
    private mutating func pass(_ groups: [RolloutGroup], _ step: GlobalStep) {
        guard let count = self.curriculum?.problems.count else { return }
        let own = groups.filter { $0.id.slot < UInt32(self.slots) }.sorted { $0.id < $1.id }
        let start = step.rawValue * UInt64(self.slots)
        if self.next != start || own.count != self.slots {
            // The rest of a pass that began before what the journal has says nothing.
            self.drawn = []
            self.next = nil
            guard own.count == self.slots else { return }
        }
        var position = start
        for group in own {
            if position.isMultiple(of: UInt64(count)) {
                self.drawn = []
                self.next = position
            }
            if self.next != nil {
                let isFirst = self.drawn.insert(group.problem).inserted
                self.passes.expect(isFirst, "problem \(group.problem) comes again in \(group.id)")
            }
            position += 1
        }
        if self.next != nil { self.next = position }
    }
}
