import EADCore

/// Our own rule for mathematics: the last box or answer line holds the answer; numbers are equal by value.
struct MathRule: ScoringRule {
    func score(response: String, answer: String) -> Verdict {
        let text = ScalarText(response)
        let statement = Self.lastStatement(in: text)
        guard let content = statement.content, let stated = MathAnswer(content) else {
            return Verdict(isRight: false, isStrict: false, prediction: nil)
        }
        let wanted = MathAnswer(ScalarText(answer))
        return Verdict(
            isRight: wanted.map(stated.matches) ?? false, isStrict: statement.isOnly, prediction: "\(stated)")
    }

    func problem(of answer: String) -> String? { MathAnswer(ScalarText(answer)) == nil ? "says nothing" : nil }

    func response(stating answer: String) -> String { "\\boxed{\(answer)}" }

    /// The content of the last statement of an answer, nil if it has none or its braces do not close; and whether there
    /// is no other statement.
    private static func lastStatement(in text: ScalarText) -> (content: ScalarText?, isOnly: Bool) {
        let boxes = text.split(#"\boxed"#)
        let box = text.last(#"\boxed"#)
        let line = Self.lastAnswerLine(in: text)
        guard let box, box >= line?.start ?? 0 else { return (line?.content, line?.isOnly ?? true && boxes.count == 1) }
        let isOnly = boxes.count == 2
        let after = box + 6
        if text.first("{", from: after) == after {
            guard let closed = text.closedBraces(from: after) else { return (nil, false) }
            return (text[(after + 1)..<(closed.upperBound - 1)], isOnly)
        }
        let rest = text[after..<text.count].split("\n")[0].split("$")[0]
        return (rest, isOnly)
    }

    private static let word = Array("answer".unicodeScalars)

    /// The last `Answer:` with the rest of its line, or the next line that says something.
    private static func lastAnswerLine(in text: ScalarText) -> (start: Int, content: ScalarText, isOnly: Bool)? {
        let scalars = text.scalars
        var found: (start: Int, content: Int)?
        var count = 0
        var index = 0
        while index + Self.word.count < scalars.count {
            if let content = Self.content(ofAnswerAt: index, in: scalars) {
                found = (index, content)
                count += 1
                index = content
            } else {
                index += 1
            }
        }
        guard let found else { return nil }
        var start = found.content
        while start < scalars.count, scalars[start].properties.isWhitespace { start += 1 }
        let end = scalars[start...].firstIndex(where: \.isLineEnd) ?? scalars.count
        return (found.start, text[start..<end], count == 1)
    }

    /// Where what follows `answer`, emphasis and colon begins; nil if they do not stand at `start`.
    private static func content(ofAnswerAt start: Int, in scalars: [Unicode.Scalar]) -> Int? {
        guard scalars[start] == "a" || scalars[start] == "A", start == 0 || !scalars[start - 1].isWordLetter,
            zip(Self.word, scalars[start...]).allSatisfy({ $1.properties.lowercaseMapping.unicodeScalars.first == $0 })
        else { return nil }
        func skipEmphasis(_ index: inout Int) {
            while index < scalars.count, scalars[index].isBlank || scalars[index] == "*" || scalars[index] == "_" {
                index += 1
            }
        }
        var index = start + Self.word.count
        skipEmphasis(&index)
        if scalars[index...].starts(with: "is".unicodeScalars) {
            index += 2
            skipEmphasis(&index)
        }
        guard index < scalars.count, scalars[index] == ":" || scalars[index] == "\u{FF1A}" else { return nil }
        index += 1
        skipEmphasis(&index)
        return index
    }
}

extension EnvironmentKind {
    package static let math = EnvironmentKind(
        "math",
        Row(
            reads: "the last `\\boxed{...}` or line `Answer: ...`, whichever is later",
            rightIf: "it is the answer: numbers by value, lists part by part, else texts in the normal form of MATH",
            strictIf: "it is the only box or answer line"),
        rule: MathRule())
}
