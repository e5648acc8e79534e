import EADCore
import EADEvaluation

/// What there is to learn from responses to problems: an advantage needs responses of different rewards.
struct LearnableShare: Hashable, Encodable {
    let problems: Int
    /// With different rewards: what a group of GRPO has a gradient from.
    let mixed: Int
    /// Whose every response has a reward of 1 or more.
    let solved: Int
    /// None of whose responses has.
    let failed: Int
    /// Responses that the verifier gave no score.
    let unscored: Int
    /// Over scored responses; nil without any.
    let meanReward: Double?

    init(_ graded: [GradedProblem]) {
        let rewards = graded.map { $0.samples.compactMap { $0.verdict?.reward } }
        let all = rewards.flatMap { $0 }
        self.problems = graded.count
        self.mixed = rewards.count { Set($0).count > 1 }
        self.solved = rewards.count { !$0.isEmpty && $0.allSatisfy { $0 >= 1 } }
        self.failed = rewards.count { !$0.isEmpty && $0.allSatisfy { $0 < 1 } }
        self.unscored = graded.reduce(0) { $0 + $1.samples.count } - all.count
        self.meanReward = all.isEmpty ? nil : all.reduce(0.0) { $0 + Double($1) } / Double(all.count)
    }
}
