import EADCore
import EADMessages
import EADProtocol
import EADTelemetry

/// Following the learner, which is the truth about what is trained.
extension ControllerState {
    /// Why no step can have so many slots; nil when one can.
    func objection(toSlots count: UInt32) -> String? {
        let limit = self.settings.curriculum.maximumSlots
        return Int(count) > limit ? "a step has at most \(limit) slots here, not \(count)" : nil
    }

    /// The learner joined, with these groups of the step it trains next.
    mutating func welcomeLearner(holding held: GroupsAccepted, _ now: ContinuousClock.Instant) -> [Effect] {
        if held.step > self.window.step {
            // Its report of our step did not arrive. It sends it again as soon as it hears which step we are at.
            self.learner = .here(at: held.step)
            self.window.close()
            self.course.evaluation = nil
            return []
        }
        return self.move(toLearnerHolding: held, now)
    }

    /// The learner holds these groups durably.
    mutating func follow(holding held: GroupsAccepted, _ now: ContinuousClock.Instant) -> [Effect] {
        if held.step == self.window.step || self.window.isOpen(held.step) {
            return self.take(self.window.complete(held), now)
        }
        guard held.step > self.window.step else { return [] }
        // It is ahead and has no report to give: it died between its checkpoint and the report.
        return self.move(toLearnerHolding: held, now)
    }

    /// The learner has trained a step.
    mutating func finishStep(_ report: StepReport, _ now: ContinuousClock.Instant) -> [Effect] {
        // A repeated report: the learner had not heard that the step is over.
        guard report.step == self.window.step else { return [] }
        var report = report
        report.metrics[\.idleShareLearner] = self.roster.takeIdleShare(of: .learner, now: now)
        report.metrics[\.idleShareWorkers] = self.roster.takeIdleShare(of: .worker, now: now)
        let next = report.step.next
        if case .here(let step) = self.learner { self.learner = .here(at: max(step, next)) }
        let missed = self.move(to: next)
        self.quarantine.trusted()
        if !self.window.isOpen, self.learner == .here(at: next) { self.window.open(at: next, holding: []) }
        self.reports.append(report)
        if self.reports.count > Self.reportsKept { self.reports.removeFirst() }
        // Logged first: after a death between the two the report comes again, and the log takes the last of a step.
        return [
            .record(.stepped(report)), .persist(self.snapshot),
            .tellOperator(.information, "step \(next)/\(self.settings.plan.steps): \(report.metrics.progress)"),
        ] + missed + self.judgeLastStep()
    }

    // MARK: Inside

    private mutating func move(
        toLearnerHolding held: GroupsAccepted, _ now: ContinuousClock.Instant
    ) -> [Effect] {
        let before = self.window.step
        self.learner = .here(at: held.step)
        let missed = held.step == before ? [] : self.move(to: held.step)
        let effects = missed + self.take(self.window.open(at: held.step, holding: [held]), now)
        guard held.step != before else { return effects }
        // A finished run whose learner lost its last steps is not finished.
        if !self.isEverythingDone { self.course.resume() }
        return effects + [
            .record(.rewound(from: before, to: held.step)),
            .tellOperator(.warning, "the learner is at step \(held.step), the run was at \(before)"),
            .persist(self.snapshot),
        ]
    }

    private mutating func move(to step: GlobalStep) -> [Effect] {
        let missed = self.evaluationsMissed(before: step)
        self.window.move(to: step)
        self.reports.removeAll { $0.step >= step }
        self.evaluations.forget(after: self.window.version)
        self.course.evaluation = nil
        return missed
    }

    private mutating func take(_ news: TrainingWindow.News, _ now: ContinuousClock.Instant) -> [Effect] {
        if news.filtered > 0 { self.counters[\.groupsReplaced] += UInt64(news.filtered) }
        return news.discarded.flatMap { group -> [Effect] in
            self.quarantine.distrust(group.sender)
            let told =
                "\(group.lease.group) of \(group.sender) cannot be trained on and is sampled again: \(group.reason)"
            return [.record(.discarded(group)), .tellOperator(.warning, told)]
                + self.countFailure(of: group.sender, group.reason, now)
        }
    }
}
