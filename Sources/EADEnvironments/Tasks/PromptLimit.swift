package import EADCore

/// How long prompts may be so that a response fits behind them, and how they are measured.
package struct PromptLimit: Sendable {
    /// Tokens that prompt and response may have together.
    package let context: Int
    /// The longest response that training asks for; nil when its problems are not to be looked at.
    package let trainingResponse: Int?
    /// The same of evaluations.
    package let heldOutResponse: Int?
    /// Whether short prompts are measured too: tokens may stand around them, or they may be refused.
    private let measuresEvery: Bool
    /// The tokens of a text.
    private let count: @Sendable (String) throws(RoleFailure) -> Int

    package init(
        context: Int, trainingResponse: Int?, heldOutResponse: Int?, measuresEvery: Bool = false,
        count: @escaping @Sendable (String) throws(RoleFailure) -> Int
    ) {
        self.context = context
        self.trainingResponse = trainingResponse
        self.heldOutResponse = heldOutResponse
        self.measuresEvery = measuresEvery
        self.count = count
    }

    /// What is wrong with a prompt in front of so long a response.
    package enum Problem: Hashable, Sendable {
        /// It does not fit.
        case tooLong(String)
        /// No tokens can be made of it.
        case refused(String)

        package var message: String {
            switch self {
            case .tooLong(let message), .refused(let message): message
            }
        }
    }

    /// What is wrong with a prompt in front of so long a response; nil when it fits.
    package func problem(of prompt: String, response: Int) -> Problem? {
        let room = self.context - response
        // No token stands for less than a byte: most prompts need not be measured, unless a template adds to them.
        guard self.measuresEvery || prompt.utf8.count > room else { return nil }
        do throws(RoleFailure) {
            let tokens = try self.count(prompt)
            guard tokens > room else { return nil }
            return .tooLong(
                "the prompt has \(tokens) tokens, and the context of \(self.context) has room for \(max(room, 0)) before "
                    + "a response of \(response); task.overlong_prompts: drop leaves such prompts out")
        } catch {
            return .refused(error.message)
        }
    }

    /// The tokens of the longest of several prompts, 0 without any; measures no more of them than it must.
    package static func longest(
        of prompts: [String], measuringEvery: Bool = false, count: (String) throws(RoleFailure) -> Int
    ) throws(RoleFailure) -> Int {
        var longest = 0
        for prompt in prompts.sorted(by: { $0.utf8.count > $1.utf8.count }) {
            if !measuringEvery, prompt.utf8.count <= longest { break }
            longest = max(longest, try count(prompt))
        }
        return longest
    }
}
