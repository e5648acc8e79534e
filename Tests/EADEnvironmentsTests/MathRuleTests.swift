import EADCore
import Testing

@testable import EADEnvironments

struct MathRuleTests {
    @Test(
        arguments: [
            ("**Answer:** 42", "42"), ("**Answer: 73**", "73"), ("Answer: 42.", "42"), ("\\boxed{004}", "4"),
            ("\\boxed{42\\text{cm}}", "42"), ("\\boxed{42.0}", "42"), ("\\boxed{1{,}234}", "1234"),
            ("\\boxed{\\frac{1}{2}}", "0.5"), ("\\boxed{0.50}", "\\frac12"), ("\\boxed{1/2}", "0.5"),
            ("\\boxed{\\dfrac{-3}{6}}", "-1/2"), ("\\boxed{-\\frac{1}{2}}", "-0.5"), ("\\boxed{1\\frac{1}{2}}", "1.5"),
            ("\\boxed{1 1/2}", "3/2"), ("\\boxed{\\frac{2}{6}}", "1/3"), ("\\boxed{1.5 \\times 10^{3}}", "1500"),
            ("\\boxed{1.5e3}", "1,500"), ("\\boxed{12\\,345}", "12345"), ("\\boxed{12 345}", "12345"),
            ("\\boxed{\\$1,234.50}", "1234.5"), ("\\boxed{50\\%}", "50"), ("\\boxed{50}", "50\\%"),
            ("Answer: 42%", "42"),
            ("\\boxed{90^\\circ}", "90"), ("\\boxed{90^{\\circ}}", "90 degrees"), ("\\boxed{42 \\text{ apples}}", "42"),
            ("\\boxed{3 m/s^2}", "3 m/s\u{B2}"), ("\\boxed{x = 5}", "5"), ("\\boxed{5}", "x=5"),
            ("\\boxed{\u{2212}7}", "-7"), ("Answer: -$7", "-7"), ("\\boxed{\\boxed{42}}", "42"),
            ("\\boxed{42}", "\\boxed{42}"), ("\\boxed{42}", "$42$"), ("\\boxed{$42$}", "42"),
            ("Answer: $\\boxed{42}$", "42"),
            ("\\boxed{3} then \\boxed{42}", "42"), ("Answer: 3\n\\boxed{42}", "42"), ("\\boxed{3}\nAnswer: 42", "42"),
            ("Final answer:\n42", "42"), ("The answer is: 42", "42"), ("ANSWER : 42", "42"), ("\\boxed 42$", "42"),
            ("\\boxed{(1, 2)}", "(1,2)"), ("\\boxed{(0.5, 2)}", "(\\frac{1}{2},2)"), ("\\boxed{x^{2}}", "x^2"),
            ("\\boxed{\\sqrt{2}}", "\\sqrt2"), ("\\boxed{\\text{even}}", "even"), ("\\boxed{[0, 1)}", "[0,1)"),
            ("\\boxed{\\frac{x}{2}}", "\\dfrac{x}{2}"), ("\\boxed{9007199254740993}", "9007199254740993"),
            ("\\boxed{100000000000000000000000000001}", "100000000000000000000000000001"),
        ])
    func thisIsRight(response: String, answer: String) async throws {
        let verdict = try await EnvironmentKind.math.score(response: response, answer: answer)
        #expect(verdict.reward == 1)
        #expect(EnvironmentKind.math.problem(of: EnvironmentKind.math.answer(from: answer)) == nil)
    }

    @Test(
        arguments: [
            ("\\boxed{1/2}", "0.50000000000000001"), ("\\boxed{0.333}", "1/3"), ("\\boxed{2^{10}}", "10"),
            ("\\boxed{3/4}", "4"), ("\\boxed{3+4}", "4"), ("\\boxed{42 or 43}", "42"), ("\\boxed{42 million}", "42"),
            ("\\boxed{7x}", "7"), ("\\boxed{7 x}", "7"), ("\\boxed{42 cm}", "42 m"), ("\\boxed{5 apples}", "5 pears"),
            ("\\boxed{50\\%}", "0.5"), ("\\boxed{x=5}", "y=5"), ("\\boxed{12:30}", "30"), ("\\boxed{0x1F}", "1"),
            ("\\boxed{-7}", "7"), ("\\boxed{--7}", "7"), ("\\boxed{\\frac{1}{0}}", "0"), ("\\boxed{42", "42"),
            ("\\boxed{42} \\boxed{", "42"), ("42", "42"), ("The answer is 42", "42"), ("\\boxed{}", "42"),
            ("Answer:", "42"),
            ("\\boxed{(1,2)}", "(1,2]"), ("\\boxed{(1,2)}", "(2,1)"), ("\\boxed{(1,2)}", "12"), ("\\boxed{1,2}", "12"),
            ("\\boxed{\\text{ odd}}", "\\text{ even}"), ("\\boxed{0.333...}", "0.333"), ("\\boxed{1.2.3}", "3"),
            ("\\boxed{7 and a half}", "7"), ("\\boxed{\\pm 7}", "7"), ("\\boxed{9007199254740993}", "9007199254740992"),
            ("\\boxed{7!}", "7"), ("\\boxed{\\sqrt{7}}", "7"), ("\\boxed{7\\pi}", "7"), ("reanswer: 42", "42"),
        ])
    func thisIsWrong(response: String, answer: String) async throws {
        #expect(try await EnvironmentKind.math.score(response: response, answer: answer).reward == 0)
    }

    @Test func equalAnswersAreEqualPredictions() async throws {
        for (text, prediction) in [
            ("\\boxed{0.50}", "1/2"), ("\\boxed{\\frac{3}{6}}", "1/2"), ("\\boxed{42 cm}", "42"), ("Answer: 42.", "42"),
            ("\\boxed{(1, 0.5)}", "(1,1/2)"), ("\\boxed{x}", "x"), ("none", nil),
        ] {
            #expect(try await EnvironmentKind.math.score(response: text, answer: "7").prediction == prediction)
        }
    }

    @Test func aSecondStatementIsNotStrict() async throws {
        for (text, strict) in [
            ("\\boxed{7}", 1), ("Answer: 7", 1), ("Answer: 3\nAnswer: 7", 0), ("\\boxed{3}\nAnswer: 7", 0),
            ("\\boxed{3} \\boxed{7}", 0),
        ] as [(String, Float)] {
            let verdict = try await EnvironmentKind.math.score(response: text, answer: "7")
            #expect(verdict.reward == 1 && verdict.strictReward == strict, "\(text)")
        }
    }

    /// A number inside a longer expression never scores as its tail or head, in a box or on an answer line.
    @Test(arguments: 0..<20) func noPartOfAnExpressionScores(seed: Int) async throws {
        var random = SplitMix64(seed: UInt64(seed))
        func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        let joints = [
            "^", "**", "*", "\u{D7}", "+", " + ", "-", " - ", ":", "\\cdot ", "\\times ", "~", " to ", " or ", "x", "!",
            "^{",
            "_", ",", "\\pm ",
        ]
        for _ in 0..<100 {
            let head = 1000 + draw(9000)
            let tail = 1 + draw(40)
            let joint = joints[draw(joints.count)]
            let text = "\(head)\(joint)\(tail)" + (joint.hasSuffix("{") ? "}" : "")
            let response = ["\\boxed{\(text)}", "Answer: \(text)", "**Answer:** $\(text)$"][draw(3)]
            for answer in ["\(head)", "\(tail)", "-\(tail)"] {
                let verdict = try await EnvironmentKind.math.score(response: response, answer: answer)
                #expect(verdict.reward == 0, "\(response) for \(answer)")
            }
        }
    }
}
