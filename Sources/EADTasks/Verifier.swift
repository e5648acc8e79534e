/// The score of one response.
public struct Verdict: Hashable, Sendable {
    /// What training uses: 1 or 0.
    public var reward: Float
    /// 1 if the response is also in the form the prompt asks for, else 0; never above `reward`.
    public var strictReward: Float
    /// The answer read from the response, in a form in which equal answers are equal texts; nil if it has none.
    public var prediction: String?

    public init(reward: Float, strictReward: Float, prediction: String?) {
        self.reward = reward
        self.strictReward = strictReward
        self.prediction = prediction
    }
}

/// A rule that scores a response against the known answer; linear in the response's length.
public enum Verifier: String, Hashable, Sendable, Codable, CaseIterable {
    /// The last number in the response equals the answer. Strict: the response is that number and nothing else.
    case number
    /// The last number in the response equals the answer. Strict: the response is one correct line `a op b = answer`.
    case equation

    /// Scores a response; ASCII white space around it is ignored. An answer that `accepts` refuses is never matched.
    public func score(response: String, answer: String) -> Verdict {
        let number = DecimalNumber.last(in: response)
        let prediction = number?.description
        guard let wanted = DecimalNumber(answer), number == wanted else {
            return Verdict(reward: 0, strictReward: 0, prediction: prediction)
        }
        let line = Self.trimmed(response)
        let isStrict: Bool
        switch self {
        case .number: isStrict = DecimalNumber(line) != nil
        case .equation: isStrict = Equation(line)?.isCorrect ?? false
        }
        return Verdict(reward: 1, strictReward: isStrict ? 1 : 0, prediction: prediction)
    }

    /// Whether responses can be scored against this answer: it must be one number and nothing else.
    public func accepts(answer: String) -> Bool { DecimalNumber(answer) != nil }

    private static func trimmed(_ text: String) -> Substring {
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (9...13).contains(byte) }
        let bytes = text.utf8
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return Substring(bytes[first...last])
    }
}
