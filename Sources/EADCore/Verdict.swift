/// The score of one response.
package struct Verdict: Hashable, Sendable {
    /// The rewards that are taken: one of them beyond all measure would make the gradient of a whole step infinite.
    package static let rewards: ClosedRange<Float> = -1e6...1e6

    /// What training uses: 1 or 0 by the rules of this build, any number in `rewards` by a program.
    package var reward: Float
    /// The reward if the response is also in the form the prompt asks for, else 0; never above `reward`.
    package var strictReward: Float
    /// The answer read from the response, in a form in which equal answers are equal texts; never empty, nil if it has
    /// none.
    package private(set) var prediction: String?

    /// An empty prediction stands for none.
    package init(reward: Float, strictReward: Float, prediction: String? = nil) {
        self.reward = reward
        self.strictReward = strictReward
        self.prediction = prediction?.isEmpty == true ? nil : prediction
    }
}
