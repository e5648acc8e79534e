import CEADMessages
import EADCore

extension FinishReason {
    var wire: Ead__V1__FinishReason {
        switch self {
        case .stopToken: EAD__V1__FINISH_REASON__FINISH_REASON_STOP_TOKEN
        case .stopString: EAD__V1__FINISH_REASON__FINISH_REASON_STOP_STRING
        case .length: EAD__V1__FINISH_REASON__FINISH_REASON_LENGTH
        }
    }

    init(wire: Ead__V1__FinishReason, _ field: String) throws(DecodeError) {
        guard let value = FinishReason.allCases.first(where: { $0.wire == wire }) else {
            throw DecodeError(.unknownValue(wire.rawValue), at: field)
        }
        self = value
    }
}

extension Verdict: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__Verdict>) { ead__v1__verdict__init(wire) }

    func fill(_ wire: inout Ead__V1__Verdict, in arena: borrowing WireArena) {
        wire.reward = self.reward
        wire.strict_reward = self.strictReward
        if let prediction = self.prediction { wire.prediction = arena.text(prediction) }
    }

    init(wire: Ead__V1__Verdict) throws(DecodeError) {
        self.init(
            reward: try WireField.finite(wire.reward, "reward"),
            strictReward: try WireField.finite(wire.strict_reward, "strictReward"),
            prediction: try wire.prediction.text("prediction"))
        guard self.strictReward <= self.reward else { throw DecodeError(.contradiction, at: "strictReward") }
    }
}

extension VersionRuns.Run: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__VersionRun>) { ead__v1__version_run__init(wire) }

    func fill(_ wire: inout Ead__V1__VersionRun, in arena: borrowing WireArena) {
        wire.version = self.version.rawValue
        wire.tokens = UInt32(self.tokens)
    }

    init(wire: Ead__V1__VersionRun) throws(DecodeError) {
        self.init(
            PolicyVersion(try WireField.counter(wire.version, "version")),
            tokens: Int(try WireField.count(wire.tokens, "tokens", atLeast: 1)))
    }
}

extension Rollout: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__Rollout>) { ead__v1__rollout__init(wire) }

    func fill(_ wire: inout Ead__V1__Rollout, in arena: borrowing WireArena) {
        wire.trace = arena.message(self.trace)
        wire.finish = self.finish.wire
        wire.verdict = self.verdict.map { arena.message($0) }
        wire.n_runs = self.runs.runs.count
        wire.runs = arena.messages(self.runs.runs)
    }

    init(wire: Ead__V1__Rollout) throws(DecodeError) {
        self.init(
            trace: try TokenTrace.read(wire.trace, "trace"),
            finish: try FinishReason(wire: wire.finish, "finish"),
            verdict: try Verdict.readIfPresent(wire.verdict, "verdict"),
            runs: VersionRuns(try VersionRuns.Run.read(wire.runs, count: wire.n_runs, "runs")))
    }
}

extension RolloutGroup: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__RolloutGroup>) { ead__v1__rollout_group__init(wire) }

    func fill(_ wire: inout Ead__V1__RolloutGroup, in arena: borrowing WireArena) {
        wire.id = arena.message(self.id)
        wire.attempt = self.attempt
        wire.policy_version = self.policyVersion.rawValue
        wire.problem = self.problem
        wire.n_prompt_tokens = self.promptTokens.count
        wire.prompt_tokens = arena.numbers(self.promptTokens)
        wire.n_rollouts = self.rollouts.count
        wire.rollouts = arena.messages(self.rollouts)
    }

    init(wire: Ead__V1__RolloutGroup) throws(DecodeError) {
        for (count, field) in [(wire.n_prompt_tokens, "promptTokens"), (wire.n_rollouts, "rollouts")] where count < 1 {
            throw DecodeError(.wrongLength(found: 0, expected: 1...EnvelopeCodec.usualLimit), at: field)
        }
        self.init(
            id: try GroupID.read(wire.id, "id"),
            attempt: try WireField.count(wire.attempt, "attempt", atLeast: 1),
            policyVersion: PolicyVersion(try WireField.counter(wire.policy_version, "policyVersion")),
            problem: try WireField.count(wire.problem, "problem"),
            promptTokens: Array(UnsafeBufferPointer(start: wire.prompt_tokens, count: wire.n_prompt_tokens)),
            rollouts: try Rollout.read(wire.rollouts, count: wire.n_rollouts, "rollouts"))
        for (index, rollout) in self.rollouts.enumerated()
        where rollout.runs.fault(tokens: rollout.trace.count, group: self.policyVersion) != nil {
            throw DecodeError(.contradiction, at: "rollouts[\(index)].runs")
        }
    }
}
