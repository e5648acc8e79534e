import CEADMessages
import EADCore

extension Rollout: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__Rollout>) { ead__v1__rollout__init(wire) }

    func fill(_ wire: inout Ead__V1__Rollout, in arena: borrowing WireArena) {
        wire.n_tokens = self.tokens.count
        wire.tokens = arena.numbers(self.tokens)
        wire.n_temperatures = self.temperatures.count
        wire.temperatures = arena.numbers(self.temperatures)
        wire.n_behaviour_log_probs = self.behaviourLogProbs.count
        wire.behaviour_log_probs = arena.numbers(self.behaviourLogProbs)
        wire.n_policy_log_probs = self.policyLogProbs.count
        wire.policy_log_probs = arena.numbers(self.policyLogProbs)
        wire.n_policy_entropies = self.policyEntropies.count
        wire.policy_entropies = arena.numbers(self.policyEntropies)
        wire.n_behaviour_entropies = self.behaviourEntropies.count
        wire.behaviour_entropies = arena.numbers(self.behaviourEntropies)
        wire.finish = Ead__V1__FinishReason(self.finish.rawValue)
        wire.reward = self.reward
        wire.scoring = self.isScored ? EAD__V1__SCORING__SCORING_SCORED : EAD__V1__SCORING__SCORING_UNSCORED
    }

    init(wire: Ead__V1__Rollout) throws(DecodeError) {
        let length = wire.n_tokens
        guard length >= 1 else {
            throw DecodeError(.wrongLength(found: 0, expected: 1...EnvelopeCodec.maximumBytes), at: "tokens")
        }
        let temperatures = try WireField.finite(
            wire.temperatures, count: wire.n_temperatures, length: length, "temperatures")
        if let index = temperatures.firstIndex(where: { $0 < 0 }) {
            throw DecodeError(.negative, at: "temperatures[\(index)]")
        }
        let scoring: Scoring = try WireField.known(wire.scoring.rawValue, "scoring")
        let reward = try WireField.finite(wire.reward, "reward")
        guard scoring == .scored || reward == 0 else { throw DecodeError(.contradiction, at: "reward") }
        self.init(
            tokens: Array(UnsafeBufferPointer(start: wire.tokens, count: length)),
            temperatures: temperatures,
            behaviourLogProbs: try WireField.finite(
                wire.behaviour_log_probs, count: wire.n_behaviour_log_probs, length: length, "behaviourLogProbs"),
            policyLogProbs: try WireField.finite(
                wire.policy_log_probs, count: wire.n_policy_log_probs, length: length, "policyLogProbs"),
            policyEntropies: try WireField.finite(
                wire.policy_entropies, count: wire.n_policy_entropies, length: length, "policyEntropies"),
            behaviourEntropies: try WireField.finite(
                wire.behaviour_entropies, count: wire.n_behaviour_entropies, length: length, "behaviourEntropies"),
            finish: try WireField.known(wire.finish.rawValue, "finish"),
            reward: reward, isScored: scoring == .scored)
    }

    /// Whether there is a score.
    private enum Scoring: UInt32 {
        case scored = 1
        case unscored = 2
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
            throw DecodeError(.wrongLength(found: 0, expected: 1...EnvelopeCodec.maximumBytes), at: field)
        }
        self.init(
            id: try GroupID.read(wire.id, "id"),
            attempt: try WireField.count(wire.attempt, "attempt", atLeast: 1),
            policyVersion: PolicyVersion(try WireField.counter(wire.policy_version, "policyVersion")),
            problem: try WireField.count(wire.problem, "problem"),
            promptTokens: Array(UnsafeBufferPointer(start: wire.prompt_tokens, count: wire.n_prompt_tokens)),
            rollouts: try Rollout.read(wire.rollouts, count: wire.n_rollouts, "rollouts"))
    }
}
