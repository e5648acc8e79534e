import EADCore
import EADEvaluation
import EADModels
import EADTelemetry

/// What a look at a task found.
package struct TaskCheckReport: Encodable {
    /// A prompt as the model sees it.
    struct Prompt: Encodable {
        /// Control tokens stand between ⟦ and ⟧; the same signs in the text itself are doubled.
        let text: String
        let tokens: Int

        init(_ tokens: [TokenID], _ tokenizer: Tokenizer) {
            self.tokens = tokens.count
            var text = ""
            var bytes: [UInt8] = []
            func flush() {
                text += String(decoding: bytes, as: UTF8.self).replacing("⟦", with: "⟦⟦").replacing("⟧", with: "⟧⟧")
                bytes = []
            }
            for token in tokens {
                if tokenizer.isControl(token) {
                    flush()
                    text += "⟦\(tokenizer.decode([token]))⟧"
                } else {
                    bytes += tokenizer.bytes(of: token)
                }
            }
            flush()
            self.text = text
        }
    }

    struct Response: Encodable {
        let text: String
        let tokens: UInt32
        /// Nil when the verifier gave no score.
        let reward: Float?
        /// What it read as the answer; nil when it read none.
        let prediction: String?
    }

    /// The responses to one problem.
    struct Responses: Encodable {
        let prompt: String
        let answer: String
        let responses: [Response]

        init(_ graded: GradedProblem) {
            self.prompt = graded.problem.prompt
            self.answer = graded.problem.answer
            self.responses = graded.samples.map {
                Response(
                    text: $0.text, tokens: $0.tokens, reward: $0.verdict?.reward, prediction: $0.verdict?.prediction)
            }
        }
    }

    let task: String
    let verifier: String
    let model: String
    let training: Int
    let heldOut: Int
    /// Lines of the data that are left out because they repeat a problem.
    let repeatedLines: Int
    /// Problems whose prompt another one has, too.
    let repeatedPrompts: Int
    let promptTokens: TokenLengths
    let context: Int
    let responseTokens: Int
    /// Prompts behind which the longest response does not fit.
    let tooLong: Int
    let prompt: Prompt?
    let responses: [Responses]
    let learnable: LearnableShare

    /// Whether a run could begin and would have something to learn from.
    package var isGood: Bool {
        self.tooLong == 0 && self.learnable.unscored == 0
            && (self.learnable.problems == 0 || self.learnable.mixed > 0)
    }

    package func json() throws -> String { try JSONText.encode(self) }

    package var text: String {
        [self.facts, self.promptText, self.responsesText].compactMap { $0 }.joined(separator: "\n\n")
    }

    private var facts: String {
        let room = self.context - self.responseTokens
        let fit =
            self.tooLong == 0
            ? "all fit before a response of \(self.responseTokens) in a context of \(self.context)"
            : "\(self.tooLong) are longer than \(room), which is what \(self.responseTokens) of \(self.context) leave"
        let repeats = [
            self.repeatedLines > 0 ? "\(self.repeatedLines) repeated lines are left out" : nil,
            self.repeatedPrompts > 0 ? "\(self.repeatedPrompts) problems have the prompt of another" : nil,
        ].compactMap { $0 }
        return StatusTable.align([
            ["task", "\(self.task), scored by \(self.verifier), for \(self.model)"],
            ["problems", "\(self.training) to train on, \(self.heldOut) held out"],
            ["repeated prompts", repeats.isEmpty ? "none" : repeats.joined(separator: ", ")],
            [
                "prompt tokens",
                "median \(self.promptTokens.median), p99 \(self.promptTokens.p99), max \(self.promptTokens.max); \(fit)",
            ],
        ])
    }

    private var promptText: String? {
        self.prompt.map {
            "the first prompt as the model sees it, \($0.tokens) tokens, control tokens in ⟦⟧:\n\($0.text.spelt)"
        }
    }

    private var responsesText: String? {
        guard let first = self.responses.first else { return nil }
        let rows = first.responses.map { response in
            [
                response.reward.map { Double($0).text(decimals: 2) } ?? "none",
                response.prediction.map { $0.spelt.cut(to: 16) } ?? "-", "\(response.tokens)",
                response.text.spelt.cut(to: 60),
            ]
        }
        let table = StatusTable.align([["REWARD", "PREDICTION", "TOKENS", "RESPONSE"]] + rows)
        let all = self.learnable
        let share = (100 * Double(all.mixed) / Double(max(all.problems, 1))).text(decimals: 1)
        var lines = ["responses to it, whose right answer is \(first.answer.spelt.cut(to: 40)):", table, ""]
        lines.append(
            "\(all.problems) problems, \(first.responses.count) responses each: mean reward "
                + (all.meanReward.map { $0.text(decimals: 3) } ?? "-"))
        lines.append(
            "\(all.mixed) (\(share) %) have responses of different rewards, which is what can be learnt from; "
                + "\(all.solved) are always right, \(all.failed) never")
        if all.unscored > 0 { lines.append("the verifier gave no score to \(all.unscored) responses") }
        if all.mixed == 0 {
            lines.append(
                "nothing can be learnt here: take easier or harder problems, more responses, or another verifier")
        }
        return lines.joined(separator: "\n")
    }
}
