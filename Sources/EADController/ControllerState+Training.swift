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

    /// The learner joined, and trains `step` next, with these groups of the steps from there on.
    mutating func welcomeLearner(
        at step: GlobalStep, holding held: [GroupsAccepted], _ now: ContinuousClock.Instant
    ) -> [Effect] {
        if step > self.window.step {
            // Its report of our step did not arrive. It sends it again as soon as it hears which step we are at.
            self.learner = .here(at: step)
            self.window.close(holding: held)
            self.course.evaluation = nil
            return []
        }
        return self.move(toLearnerAt: step, holding: held, now)
    }

    /// The learner holds these groups durably.
    mutating func follow(holding held: GroupsAccepted, _ now: ContinuousClock.Instant) -> [Effect] {
        if let step = held.nextStep, step > self.window.step {
            // It is ahead and has no report to give: it died between its checkpoint and the report.
            return self.move(toLearnerAt: step, holding: [held], now)
        }
        return self.take(self.window.complete(held), now)
    }

    /// The learner has trained a step.
    mutating func finishStep(_ report: StepReport, _ now: ContinuousClock.Instant) -> [Effect] {
        // A repeated report: the learner had not heard that the step is over.
        guard report.step == self.window.step else { return [] }
        var report = report
        report.metrics[\.idleShareLearner] = self.roster.takeIdleShare(of: .learner, now: now)
        report.metrics[\.idleShareWorkers] = self.roster.takeIdleShare(of: .worker, now: now)
        if self.settings.gate.bound > 0 {
            report.metrics[\.windowExhaustedShare] = self.exhaustion.takeShare(now: now)
        }
        let next = report.step.next
        if case .here(let step) = self.learner { self.learner = .here(at: max(step, next)) }
        let missed = self.move(to: next)
        self.quarantine.trusted()
        if !self.window.isOpen, self.learner == .here(at: next) { self.window.reopen() }
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
        toLearnerAt step: GlobalStep, holding held: [GroupsAccepted], _ now: ContinuousClock.Instant
    ) -> [Effect] {
        let before = self.window.step
        self.learner = .here(at: step)
        let missed = step == before ? [] : self.move(to: step)
        let effects = missed + self.take(self.window.open(at: step, holding: held), now)
        guard step != before else { return effects }
        // A finished run whose learner lost its last steps is not finished.
        if !self.isEverythingDone { self.course.resume() }
        return effects + [
            .record(.rewound(from: before, to: step)),
            .tellOperator(.warning, "the learner is at step \(step), the run was at \(before)"),
            .persist(self.snapshot),
        ]
    }

    private mutating func move(to step: GlobalStep) -> [Effect] {
        let missed = self.evaluationsMissed(before: step)
        self.reports.removeAll { $0.step >= step }
        self.evaluations.forget(after: step.startVersion)
        self.course.evaluation = nil
        self.window.wait(at: self.barrier(from: step))
        self.window.move(to: step)
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
