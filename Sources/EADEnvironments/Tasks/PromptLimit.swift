/// How long prompts may be so that a response fits behind them, and how they are measured.
package struct PromptLimit: Sendable {
    /// Tokens that prompt and response may have together.
    package let context: Int
    /// The longest response that training asks for; nil when its problems are not to be looked at.
    package let trainingResponse: Int?
    /// The same of evaluations.
    package let heldOutResponse: Int?
    /// The tokens of a text.
    package let count: @Sendable (String) -> Int

    package init(
        context: Int, trainingResponse: Int?, heldOutResponse: Int?, count: @escaping @Sendable (String) -> Int
    ) {
        self.context = context
        self.trainingResponse = trainingResponse
        self.heldOutResponse = heldOutResponse
        self.count = count
    }

    /// What is wrong with a prompt in front of so long a response; nil when it fits.
    package func problem(of prompt: String, response: Int) -> String? {
        let room = self.context - response
        // No token stands for less than a byte: most prompts need not be measured.
        guard prompt.utf8.count > room else { return nil }
        let tokens = self.count(prompt)
        guard tokens > room else { return nil }
        return
            "the prompt has \(tokens) tokens, and the context of \(self.context) has room for \(max(room, 0)) before a "
            + "response of \(response); task.overlong_prompts: drop leaves such prompts out"
    }

    /// The tokens of the longest of several prompts, 0 without any; measures no more of them than it must.
    package static func longest(of prompts: [String], count: (String) -> Int) -> Int {
        var longest = 0
        for prompt in prompts.sorted(by: { $0.utf8.count > $1.utf8.count }) {
            if prompt.utf8.count <= longest { break }
            longest = max(longest, count(prompt))
        }
        return longest
    }
}
