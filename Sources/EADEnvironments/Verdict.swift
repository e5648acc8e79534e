/// The score of one response.
package struct Verdict: Hashable, Sendable {
    /// What training uses: 1 or 0 by the rules here, any finite number by a program.
    package var reward: Float
    /// The reward if the response is also in the form the prompt asks for, else 0; never above `reward`.
    package var strictReward: Float
    /// The answer read from the response, in a form in which equal answers are equal texts; nil if it has none.
    package var prediction: String?

    package init(reward: Float, strictReward: Float, prediction: String?) {
        self.reward = reward
        self.strictReward = strictReward
        self.prediction = prediction
    }

    /// A right response is strictly right if its form is right too.
    init(isRight: Bool, isStrict: Bool, prediction: String?) {
        self.init(
            reward: isRight ? 1 : 0, strictReward: isRight && isStrict ? 1 : 0, prediction: prediction)
    }
}
