import EADCore
import EADMessages
import EADProtocol

extension ControllerState {
    func isCurrent(_ group: GroupID) -> Bool {
        self.table?.covers(group) ?? false
    }

    // MARK: Following the learner

    /// The learner joined: it is the truth about what is trained.
    mutating func follow(_ accepted: GroupsAccepted, _ now: ContinuousClock.Instant) -> [Effect] {
        if accepted.step > self.snapshot.step {
            // Its report of our step did not arrive. It sends it again as soon as it hears which step we are at.
            self.learnerStep = accepted.step
            self.table = nil
            return []
        }
        return self.move(toLearnerAt: accepted, now)
    }

    /// The learner holds these groups of its step durably.
    mutating func take(_ accepted: GroupsAccepted, _ now: ContinuousClock.Instant) -> [Effect] {
        if accepted.step == self.snapshot.step { self.complete(accepted) }
        guard accepted.step > self.snapshot.step else { return [] }
        // It is ahead and has no report to give: it died between its checkpoint and the report.
        return self.move(toLearnerAt: accepted, now)
    }

    /// Why no step can have so many slots; nil when one can.
    func objection(toSlots count: UInt32) -> String? {
        let limit = self.settings.maximumSlots
        return Int(count) > limit ? "a step has at most \(limit) slots here, not \(count)" : nil
    }

    private mutating func move(
        toLearnerAt accepted: GroupsAccepted, _ now: ContinuousClock.Instant
    ) -> [Effect] {
        let step = accepted.step
        var effects: [Effect] = []
        self.learnerStep = step
        if step != self.snapshot.step {
            effects.append(.record(.rewound(from: self.snapshot.step, to: step)))
            effects.append(.say(.warning, "the learner is at step \(step), the run was at \(self.snapshot.step)"))
            self.move(to: step)
            if self.snapshot.finished, !self.isEverythingDone {
                // A finished run whose learner lost its last steps is not finished.
                self.snapshot.finished = false
                if !self.stopping { self.endedAt = nil }
            }
            effects.append(.persist(self.snapshot))
        }
        self.acceptedMeanwhile = nil
        // Leases outlive the learner, but a group this learner does not have has to be produced again.
        if let table = self.table, table.purpose == .training,
            !Set(table.completeSlots).isSubset(of: accepted.slots)
        {
            self.table = nil
        }
        self.prepareTable(now)
        self.complete(accepted)
        return effects
    }

    mutating func step(_ report: StepReport, _ now: ContinuousClock.Instant) -> [Effect] {
        // A repeated report: the learner had not heard that the step is over.
        guard report.step == self.snapshot.step else { return [] }
        var report = report
        report.metrics += self.takeIdleShares(now)
        self.learnerStep = max(self.learnerStep ?? report.step.next, report.step.next)
        self.move(to: report.step.next)
        self.reports.append(report)
        if self.reports.count > Self.reportsKept { self.reports.removeFirst() }
        // Logged first: after a death between the two the report comes again, and the log takes the last of a step.
        return [.record(.stepped(report)), .persist(self.snapshot)]
    }

    private mutating func takeIdleShares(_ now: ContinuousClock.Instant) -> [Metric] {
        [("idle_share_learner", Role.learner), ("idle_share_workers", .worker)].compactMap { name, role in
            self.idle.take(self.members.filter { $0.value.role == role }.keys, now: now).map {
                Metric(name: name, value: $0)
            }
        }
    }

    private mutating func move(to step: GlobalStep) {
        self.snapshot.step = step
        self.reports.removeAll { $0.step >= step }
        self.snapshot.evaluations.removeAll { $0.version > step.startVersion }
        self.table = nil
        self.acceptedMeanwhile = nil
    }

    private mutating func complete(_ accepted: GroupsAccepted) {
        guard var table = self.table, table.step == accepted.step else { return }
        guard table.purpose == .training else {
            self.acceptedMeanwhile = accepted
            return
        }
        let added = Int(accepted.slotCount) - table.count
        if added > 0 {
            let own = self.settings.order.promptsPerStep
            let replacements = self.settings.replacements.candidates(
                of: table.step, count: Int(accepted.slotCount) - own)
            self.work += replacements.suffix(added).map {
                Work(problem: self.settings.training[Int($0.problem)], seed: $0.seed)
            }
            table.extend(to: self.work.count)
            self.counters["groups_replaced", default: 0] += UInt64(added)
        }
        for slot in accepted.slots { table.complete(slot) }
        self.table = table
    }

    // MARK: Work

    /// Decides what is produced next, offers it, and notices the end.
    mutating func advance(_ now: ContinuousClock.Instant) -> [Effect] {
        var effects: [Effect] = []
        self.prepareTable(now)
        if let poisoned = self.table?.poisoned.first {
            return [.fail("group \(poisoned.group) failed \(poisoned.failures) times, at last: \(poisoned.reason)")]
        }
        if let (report, graded) = self.finishedEvaluation() {
            self.note(report)
            self.table = nil
            // A death before the snapshot repeats the evaluation, with the same responses.
            effects += [.keep(report, graded), .record(.evaluated(report)), .persist(self.snapshot)]
            self.prepareTable(now)
        }
        if self.isEverythingDone, !self.snapshot.finished {
            self.snapshot.finished = true
            self.endedAt = now
            effects += [.record(.finished), .persist(self.snapshot), .say(.information, "the run is finished")]
        }
        effects += self.offers(now)
        effects += self.farewell(now)
        self.noteWait(now)
        return effects
    }

    private var isEverythingDone: Bool {
        self.snapshot.step.rawValue >= self.settings.plan.steps && self.dueEvaluation == nil
    }

    /// How the current version is to be evaluated before going on, if at all.
    private var dueEvaluation: EvaluationRequest? {
        let planned = EvaluationRequest(number: 0, samples: self.settings.evaluationSamples)
        let isPlanned = self.settings.plan.evaluates(self.currentVersion) && !self.settings.heldOut.isEmpty
        if isPlanned, self.evaluationIndex(samples: planned.samples) == nil { return planned }
        return self.snapshot.requested
    }

    private mutating func prepareTable(_ now: ContinuousClock.Instant) {
        // In a paused run nothing goes on that an evaluation could get in the way of, once the last lease has ended.
        if self.snapshot.paused, self.snapshot.requested != nil, let table = self.table, table.purpose == .training,
            table.leasedCount == 0, !table.isComplete
        {
            self.acceptedMeanwhile = GroupsAccepted(
                step: table.step, slots: table.completeSlots, slotCount: UInt32(table.count))
            self.table = nil
        }
        guard self.table == nil, self.learnerStep == self.snapshot.step, !self.snapshot.finished else { return }
        let step = self.snapshot.step
        if let due = self.dueEvaluation {
            self.work = self.settings.heldOut.map { Work(problem: $0, seed: self.settings.seed) }
            self.evaluation = due
            self.evaluated = [:]
            self.table = self.newTable(.evaluation, step)
        } else if step.rawValue < self.settings.plan.steps {
            self.work = self.settings.order.problems(of: step).map {
                Work(problem: self.settings.training[Int($0)], seed: self.settings.seed)
            }
            self.table = self.newTable(.training, step)
            if let accepted = self.acceptedMeanwhile { self.complete(accepted) }
            self.acceptedMeanwhile = nil
        }
    }

    private func newTable(_ purpose: Purpose, _ step: GlobalStep) -> LeaseTable {
        LeaseTable(
            purpose: purpose, step: step, count: self.work.count,
            offerTimeout: self.settings.offerTimeout, maximumAttempts: self.settings.maximumAttempts)
    }

    /// Offers free groups one at a time to the worker that holds the smallest share of its credit.
    private mutating func offers(_ now: ContinuousClock.Instant) -> [Effect] {
        guard !self.stopping, !self.snapshot.finished, var table = self.table, self.learnerStep != nil else {
            return []
        }
        guard !self.snapshot.paused || self.evaluatesOnRequest else { return [] }
        var effects: [Effect] = []
        var room: [(node: NodeID, peer: Peer, held: Int, credit: Int)] = []
        for (node, member) in self.members where member.role == .worker && !member.heartbeat.draining {
            guard self.liveness.health(of: node, now: now) == .alive else { continue }
            let held = table.held(by: node).count
            let credit = Int(member.heartbeat.credit)
            if held < credit { room.append((node, member.peer, held, credit)) }
        }
        room.sort { $0.node < $1.node }
        while let next = room.indices.min(by: {
            room[$0].held * room[$1].credit < room[$1].held * room[$0].credit
        }) {
            guard let offered = table.offer(to: room[next].node, now: now, duration: self.settings.leaseDuration)
            else { break }
            let evaluating = table.purpose == .evaluation
            let work = self.work[Int(offered.group.slot)]
            let lease = Lease(
                group: offered.group, attempt: offered.attempt, oldestVersion: table.step.startVersion,
                problem: work.problem,
                samples: evaluating ? self.evaluation.samples : self.settings.samplesPerGroup,
                seed: work.seed, duration: self.settings.leaseDuration)
            if offered.attempt > 1 { self.counters["leases_repeated", default: 0] += 1 }
            effects.append(.send(.leaseOffer(LeaseOffer(lease: lease)), to: room[next].peer, inReplyTo: 0))
            room[next].held += 1
            if room[next].held >= room[next].credit { room.remove(at: next) }
        }
        self.table = table
        return effects
    }

    mutating func take(_ answer: LeaseReturn, from node: NodeID, _ now: ContinuousClock.Instant) -> [Effect] {
        guard self.isCurrent(answer.lease.group), let table = self.table else { return [] }
        let slot = answer.lease.group.slot
        switch answer.outcome {
        case .completed:
            guard table.purpose == .evaluation, !table.isComplete(slot) else { return [] }
            if let objection = self.objection(to: answer.samples) {
                return self.fail(answer.lease, of: node, objection)
            }
            self.evaluated[slot] = answer.samples
            self.table?.complete(slot)
            return []
        case .declined:
            self.table?.declined(node: node, slot: slot, attempt: answer.lease.attempt)
            return []
        case .failed:
            return self.fail(answer.lease, of: node, answer.reason)
        }
    }

    private mutating func fail(_ lease: LeaseID, of node: NodeID, _ reason: String) -> [Effect] {
        self.counters["leases_failed", default: 0] += 1
        self.table?.failed(node: node, slot: lease.group.slot, attempt: lease.attempt, reason: reason)
        return [.say(.warning, "\(node) could not produce \(lease.group): \(reason)")]
    }

    /// Who has not said goodbye.
    var missingAtFarewell: [NodeID] {
        let isAway = self.snapshot.step.rawValue > 0 && !self.learnerLeft && self.learnerStep == nil
        let learners = isAway ? self.settings.nodes.filter { $0.value == .learner }.map(\.key) : []
        return (self.members.keys + learners).sorted()
    }

    /// Ends the process once everybody left, or the farewell deadline passed.
    ///
    /// A learner that is away has perhaps not made the last step durable: it is waited for as well.
    private mutating func farewell(_ now: ContinuousClock.Instant) -> [Effect] {
        guard let ended = self.endedAt else { return [] }
        let missing = self.missingAtFarewell
        // Whoever watches the run should see its end before the controller is gone.
        let patience: Duration = self.hasToldTheEnd ? .seconds(1) : .seconds(5)
        if missing.isEmpty && ended + patience <= now { return [.exit] }
        guard ended + self.settings.farewell <= now else { return [] }
        let names = missing.map(\.rawValue).joined(separator: ", ")
        return [.say(.warning, "leaving although \(names) did not say goodbye"), .exit]
    }
}
