import EADCore
import Testing

@testable import EADEnvironments

@Suite struct PuzzleVerdictTests {
    @Test(
        arguments: [
            ("7*4=28 left 3 9 28\n9+28=37 left 3 37\n37-3=34", 1, 1, "4*7+9-3"),
            // Any order, blanks, a line feed at the end; the list of what is left is a help and no more.
            ("9-3=6\n4 * 7 = 28 left 28 6\n28+6=34\n", 1, 0, "4*7+9-3"),
            ("3-9=6\n4*7=28\n28+6=34", 0, 0, nil),
            ("7*4=28 left 3 9 27\n9+28=37 left 3 37\n37-3=34", 1, 0, "4*7+9-3"),
            // Another number, right as arithmetic.
            ("7*4=28 left 3 9 28\n9+28=37 left 3 37\n37+3=40", 0, 0, "3+4*7+9"),
            // Numbers that are not there, used twice, or left over; wrong sums; more lines than numbers; other text.
            ("7*5=35\n35-1=34", 0, 0, nil), ("7*4=28\n7+28=35", 0, 0, nil), ("7*4=28\n9+28=37", 0, 0, nil),
            ("7*4=27\n9+27=36\n36-3=33", 0, 0, nil), ("7*4=28\n9+28=37\n37-3=34\n34+0=34", 0, 0, nil),
            ("7*4=28\n\n9+28=37\n37-3=34", 0, 0, nil), ("the answer is 34", 0, 0, nil), ("", 0, 0, nil),
        ] as [(String, Float, Float, String?)])
    func aCountdownIsJudgedByItsChain(response: String, reward: Float, strict: Float, way: String?) async throws {
        let verdict = try await EnvironmentKind.countdown.score(response: response, answer: "7 3 9 4 -> 34")
        #expect(verdict == Verdict(reward: reward, strictReward: strict, prediction: way))
    }

    @Test(
        arguments: [
            ("7+5=12\n12-3=9\n9*2=18", 1, "+5 -3 *2"),
            ("7*2=14\n14-3=11\n11-3=8\n8+5=13\n13+5=18", 0, "*2 -3 -3 +5 +5"),
            ("7+5=12\n12-3=9", 0, "+5 -3"), ("7+4=11\n11-3=8", 0, nil), ("8+5=13\n13+5=18", 0, nil),
            ("7+5=13\n13+5=18", 0, nil), ("", 0, nil),
        ] as [(String, Float, String?)])
    func aPathIsJudgedByItsMoves(response: String, reward: Float, way: String?) async throws {
        let verdict = try await EnvironmentKind.paths.score(response: response, answer: "7 -> 18 in 4: +5 -3 *2")
        #expect(verdict == Verdict(reward: reward, strictReward: reward, prediction: way))
    }

    @Test(arguments: [
        (["9-(5-4)", "4-5+9", "(9-5)+4"], "4+9-5"), (["(2+3)*4", "4*(3+2)"], "(2+3)*4"),
        (["2*3*4", "4*(2*3)"], "2*3*4"), (["(2*3)-(4-1)"], "1+2*3-4"),
    ])
    func equalWaysAreEqualTexts(written: [String], text: String) {
        for expression in written { #expect(Self.form(expression[...]).text == text, "\(expression)") }
    }

    /// A small reader of expressions, for the test alone: operators from the right, the looser first.
    private static func form(_ text: Substring) -> CanonicalExpression {
        for signs in ["+-", "*"] {
            var depth = 0
            for index in text.indices.reversed() {
                depth += text[index] == ")" ? 1 : text[index] == "(" ? -1 : 0
                if depth == 0, signs.contains(text[index]),
                    let operation = ArithmeticStep.Operation(rawValue: String(text[index]))
                {
                    return CanonicalExpression(
                        Self.form(text[..<index]), operation, Self.form(text[text.index(after: index)...]))
                }
            }
        }
        if text.hasPrefix("(") { return Self.form(text.dropFirst().dropLast()) }
        return .number(Int(text) ?? -1)
    }

    @Test(arguments: ["", "3 4", "3 -> 4", "3 a -> 4", "3 4 -> 5 -> 6", "3 -4 -> 5", "1 1 -> 99"])
    func anAnswerThatStatesNoSolvablePuzzleIsNamed(answer: String) {
        #expect(EnvironmentKind.countdown.problem(of: answer) != nil)
        #expect(EnvironmentKind.paths.problem(of: answer) != nil)
    }

    @Test func statementsWithASolutionAreAnswers() {
        #expect(EnvironmentKind.countdown.problem(of: "7 3 9 4 -> 34") == nil)
        #expect(EnvironmentKind.paths.problem(of: "7 -> 18 in 4: +5 -3 *2") == nil)
        #expect(EnvironmentKind.paths.problem(of: "7 -> 18 in 1: +5 -3 *2") != nil)
    }
}
