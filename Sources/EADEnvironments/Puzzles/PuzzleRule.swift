import EADCore
import EADSampling

/// A chain of right steps to the goal of the puzzle that the answer states.
struct PuzzleRule<P: Puzzle>: ScoringRule {
    func score(response: String, answer: String) -> Verdict {
        P(answer)?.verdict(on: response) ?? Verdict(isRight: false, isStrict: false, prediction: nil)
    }

    func problem(of answer: String) -> String? { P(answer) == nil ? "states no such puzzle" : nil }

    func answer(from text: String) -> String { text }

    func response(stating answer: String) -> String {
        var generator = PhiloxGenerator(seed: 0)
        return P(answer)?.demonstration(quality: 1, &generator) ?? ""
    }
}

extension EnvironmentKind {
    package static let countdown = EnvironmentKind(
        "countdown",
        Row(
            reads:
                "lines `a+b=c`, with + - or *, each of two numbers that are there, which it replaces by their result",
            rightIf:
                "the arithmetic is right and the target of the answer, such as `7 3 9 4 -> 34`, is all that is left",
            strictIf: "each line but the last says what is left: `7*4=28 left 3 9 28`"),
        rule: PuzzleRule<Countdown>())

    package static let paths = EnvironmentKind(
        "paths",
        Row(
            reads: "lines `a+b=c`, each a move from the number that the line before arrived at",
            rightIf:
                "the arithmetic is right and the moves of the answer, such as `7 -> 30 in 4: +5 -3 *2`, lead to its target in "
                + "so many steps or fewer",
            strictIf: "(the same)"),
        rule: PuzzleRule<NumberPath>())
}
