package import EADCore
package import EADProtocol

/// The clocks of the cluster: when silence is death, when a lease is lost, when a question is asked again.
package struct ProtocolConfiguration: Hashable, Sendable {
    package var liveness: LivenessConfiguration
    /// How long a lease lasts after its holder's last sign of progress.
    package var leaseDuration: Duration
    /// How long an offered lease waits for its acceptance.
    package var offerTimeout: Duration
    /// How long a question to another node waits for its answer before it is asked again.
    package var requestTimeout: Duration
    /// Failed or expired attempts after which a group stops the run.
    package var maximumAttempts: Int
    /// A wait of the run that lasts longer is trouble, unless those waited for show that they get on.
    package var overdueAfter: Duration
    /// Whether a worker with nothing to do takes a copy of the oldest group of a worker at most half as fast.
    package var secondCopies: Bool
    /// Between attempts to reach the controller.
    package var backoff: BackoffConfiguration

    package init(
        liveness: LivenessConfiguration = LivenessConfiguration(), leaseDuration: Duration = .seconds(60),
        offerTimeout: Duration = .seconds(5), requestTimeout: Duration = .seconds(10), maximumAttempts: Int = 5,
        overdueAfter: Duration = .seconds(180), secondCopies: Bool = true,
        backoff: BackoffConfiguration = BackoffConfiguration()
    ) {
        self.liveness = liveness
        self.leaseDuration = leaseDuration
        self.offerTimeout = offerTimeout
        self.requestTimeout = requestTimeout
        self.maximumAttempts = maximumAttempts
        self.overdueAfter = overdueAfter
        self.secondCopies = secondCopies
        self.backoff = backoff
    }

    mutating func visit(_ visitor: some SettingVisitor) {
        let short = SettingType<Duration>.duration(.milliseconds(10) ... .seconds(60))
        let long = SettingType<Duration>.duration(.milliseconds(50) ... .seconds(24 * 3600))
        visitor.setting("heartbeat_interval", &self.liveness.heartbeatInterval, short)
        visitor.setting("dead_after", &self.liveness.deadAfter, long)
        visitor.setting("stalled_after", &self.liveness.stalledAfter, long)
        visitor.setting("lost_after", &self.liveness.lostAfter, .duration(.seconds(1) ... .seconds(30 * 24 * 3600)))
        visitor.setting("lease_duration", &self.leaseDuration, long)
        visitor.setting("offer_timeout", &self.offerTimeout, long)
        visitor.setting("request_timeout", &self.requestTimeout, long)
        visitor.setting("maximum_attempts", &self.maximumAttempts, .integer(1...1000))
        visitor.setting("overdue_after", &self.overdueAfter, long)
        visitor.setting("second_copies", &self.secondCopies, .flag)
        visitor.section("backoff") {
            visitor.setting("initial", &self.backoff.initial, short)
            visitor.setting("factor", &self.backoff.factor, .number(.within(1...1000)))
            visitor.setting("maximum", &self.backoff.maximum, long)
            visitor.setting("jitter", &self.backoff.jitter, .number(.within(0...1)))
        }
    }

    /// Every combination that cannot work.
    func combinationProblems() -> [SettingProblem] {
        var found: [SettingProblem] = []
        let beat = self.liveness.heartbeatInterval
        for (path, value) in [("dead_after", self.liveness.deadAfter), ("lease_duration", self.leaseDuration)]
        where value < beat * 3 {
            found.append(
                SettingProblem(
                    path, "must be at least 3 heartbeat intervals (\((beat * 3).inYAML)), is \(value.inYAML)"))
        }
        if self.liveness.stalledAfter <= beat {
            found.append(
                SettingProblem("stalled_after", "must be above heartbeat_interval, which is \(beat.inYAML)"))
        }
        if self.liveness.lostAfter <= self.liveness.deadAfter {
            found.append(
                SettingProblem(
                    "lost_after", "must be above dead_after, which is \(self.liveness.deadAfter.inYAML)"))
        }
        if self.backoff.maximum < self.backoff.initial {
            found.append(
                SettingProblem(
                    "backoff.maximum", "must be at least backoff.initial, which is \(self.backoff.initial.inYAML)"))
        }
        return found
    }
}
