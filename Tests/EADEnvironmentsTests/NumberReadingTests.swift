import EADCore
import Foundation
import Testing

@testable import EADEnvironments

/// A number glued to a longer expression is that expression's value or no number, never its tail.
struct NumberReadingTests {
    private static func read(_ text: String) -> String? { NumberReading(lastOf: text).number?.description }

    /// Longer expressions: each would have a wrong value if its last digits were taken for it.
    @Test(
        arguments: [
            // Fractions, powers, products, sums, differences; with blanks and without.
            "3/4", "3 / 4", "x/4", "1 1/2", "2^10", "2 ^ 10", "2**10", "2<sup>10</sup>", "x^{10}", "10^-7", "3*4",
            "3 * 4", "3 x 4", "3\u{D7}4", "3 \u{D7} 4", "3\u{B7}4", "12\u{F7}4", "3+4", "3 + 4", "10-7", "10 - 7",
            "10 -7", "(3)-7", "(3)7", "3(7)", "f(7)", "-(7)", "x-7", "x - 7", "x -7", "10 \u{2212} 7", "3 + 4 =",
            "10 mod 7", "10 minus 7", "3 plus 4", "3 times 4", "12 divided by 4", "minus 7", "negative 7",
            // Numbers of another notation.
            "0x1F", "0b11", "0o17", "1.2.3", "3.4.5", "192.168.0.7", "12:30", "1 : 5", "7:05:30", "2024-01-05",
            "5/12/2024", "555-1234", "1,15", "12,34", "3,4", "1,0000", "1.234,5", "12 345", "1\u{A0}000",
            "1\u{202F}000", "1\\,000", "1'000", "1_000", "...7", "3..7", "3...7", "7e", "1e3.5", "1e1234",
            // Ranges.
            "3-7", "3\u{2013}7", "3 \u{2013} 7", "3~7", "3 to 7", "\u{B1}7", "5 \u{B1} 2",
            // Letters, roots, factors.
            "7x", "x7", "x_7", "x_{7}", "\u{3B1}7", "7\u{3C0}", "7k", "7M", "7i", "AZYUK2A", "H2O", "\u{221A}7",
            "\\sqrt{7}", "\\sqrt 7", "\\frac{3}{7}", "\\frac37", "7\\sqrt{2}", "7\\pi", "3 \\times 7", "3 \\cdot 7",
            "7 + x", "7 * x", "7 - x", "7 x", "7^x", "7^2", "7\u{B2}", "7\u{BD}", "7 \u{BD}", "7+", "7\\text{ million}",
            // Scales.
            "7 million", "7 thousand", "7 dozen", "7 hundred", "7 squared", "7 and a half", "7\u{4E07}", "7 halves",
            // Comparisons, absolute values, phrases.
            "<7", "< 7", "> 7", ">=7", "<= 7", "\u{2264}7", "\u{2260} 7", "!= 7", "!=7", "|7|", "|-7|", "--7", "+-7",
            "7-day", "the-7", "is - 7", "is\u{2014}7", "No.7", "\u{0661}7",
        ])
    func aLongerExpressionStatesNoNumber(text: String) {
        #expect(Self.read(text) == nil)
        #expect(Self.read("The answer is: \(text)") == nil)
        #expect(Self.read("It was 5.\n\(text)") == nil, "an earlier number is not taken instead")
    }

    /// Values of longer pieces of text.
    @Test(
        arguments: [
            ("1e3", "1000"), ("It is 1.5e3.", "1500"), ("7e-2", "0.07"), ("2E+1", "20"), ("0e5", "0"),
            ("-$7", "-7"), ("$-7", "-7"), ("- $7.50", "-7.5"), ("The change is \u{2212}$7", "-7"), ("\u{2013}7", "-7"),
            ("\u{2212}7", "-7"), ("(-7)", "-7"), ("x = -7", "-7"), ("= - 7", "-7"), ("-**7**", "-7"), ("**-7**", "-7"),
            ("\\(x = -7\\)", "-7"), ("$-7$", "-7"), ("3, -7", "-7"), ("\\boxed{-7}", "-7"), ("<b>-7</b>", "-7"),
            ("1,234.5", "1234.5"), ("$1,234", "1234"), ("US$7", "7"), ("7 \u{20AC}", "7"), ("\\$7", "7"),
            ("50%", "50"), ("50 %", "50"), ("50\\%", "50"), ("x=5", "5"), ("x = 5", "5"), ("3+4=7", "7"),
            ("3 + 4 = 7 apples", "7"), ("10/3\u{2248}3", "3"), ("Answer:7", "7"), ("ratio: 7", "7"), ("=> 7", "7"),
            ("->7", "7"), ("\u{2192} 7", "7"), ("\\Rightarrow 7", "7"), ("\\approx 7", "7"),
            ("**7**", "7"), ("*7*", "7"), ("_7_", "7"), ("`7`", "7"), ("\"7\"", "7"), ("#### 7", "7"), ("####7", "7"),
            ("(7)", "7"), ("[7]", "7"), ("{7}", "7"), ("\\boxed{7}", "7"), ("\\boxed 7", "7"), ("\\fbox{24}", "24"),
            ("\\boxed{x=63}", "63"), ("\\boxed{67 \\text{ apples}}", "67"), ("\\mathbf{7}", "7"), ("\\[7\\]", "7"),
            ("\\(7\\).", "7"), ("$$7$$", "7"), ("\\boxed{72", "72"), ("\\left(7\\right)", "7"),
            ("<answer>7</answer>", "7"), ("<h1>7</h1>", "7"), ("* 7", "7"), ("| 7 |", "7"), ("1. 7", "7"),
            ("7.", "7"), ("7!", "7"), ("7, of course", "7"), ("(so 7)", "7"), ("7cm", "7"), ("7 km/h", "7"),
            ("7km/h", "7"), ("1,000.99m\u{B2}", "1000.99"), ("7\\text{ cm}", "7"), ("7^\\circ", "7"), ("7\u{B0}", "7"),
            ("7th", "7"), ("$7/hour", "7"), ("7 - because", "7"), ("7 \u{2013} that is it", "7"), ("7 = x", "7"),
            ("7\u{301}", "7"), ("\u{7B54}\u{6848}\u{662F}7\u{3002}", "7"), ("3 4 7", "7"), ("3, 4, 7", "7"),
            ("between 3 and 7", "7"), ("7\nBye", "7"), ("3 +\n7", "7"), (".5", "0.5"), ("+007", "7"),
        ])
    func aNumberMayBeDressed(text: String, value: String) {
        #expect(Self.read(text) == value)
        #expect(Self.read("It was 5.\n\(text)") == value)
    }

    /// A number printed inside a longer expression never scores as the expression's tail, whatever the two are.
    @Test(arguments: 0..<40) func noTailScores(seed: Int) async throws {
        var random = SplitMix64(seed: UInt64(seed))
        func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        let joints = [
            "/", " / ", "^", "**", "*", " * ", "\u{D7}", "\u{B7}", "+", " + ", "-", " - ", "\u{2013}", "\u{2212}", ":",
            "e", "E", ".", "..", "x", "_", "'", "(", "^{", "_{", "\\cdot ", "\\times ", "/-", "~", " to ", " mod ",
            " minus ", "\u{F7}", ",",
        ]
        for _ in 0..<200 {
            let head = "\(draw(2) == 0 ? draw(1000) : draw(20)).\(draw(100))"
            let whole = draw(2) == 0 ? String(draw(2000)) : head
            let tail = String(draw(4) == 0 ? draw(2000) : 1 + draw(30))
            let joint = joints[draw(joints.count)]
            var text = whole + joint + tail
            if joint.hasSuffix("{") { text += "}" }
            if joint == "(" { text += ")" }
            let phrase = ["\(text)", "It is \(text).", "so **\(text)**", "= \(text)\n"][draw(4)]
            for verifier in [EnvironmentKind.number, .equation] {
                for answer in [tail, "-\(tail)"] where Self.value(of: text) != answer {
                    let verdict = try await verifier.score(response: phrase, answer: answer)
                    #expect(verdict.reward == 0, "\(phrase) for \(answer)")
                }
            }
        }
    }

    /// The value of a text that is one number after all, such as 3.4 or 1,234.
    private static func value(of text: String) -> String? {
        if let number = DecimalNumber(text) { return number.description }
        let parts = text.lowercased().split(separator: "e")
        guard parts.count == 2, let head = DecimalNumber(parts[0]), let power = Int(parts[1]), abs(power) < 1000 else {
            return nil
        }
        return head.scaled(by: power).description
    }

    /// A number printed in any of the ways that change no value is read as that number.
    @Test(arguments: 0..<20) func everyDressedNumberIsRead(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        let fronts = ["", "The answer is ", "x = ", "= ", "$", "**", "\\boxed{", "(", "Answer: ", "3 + 4 = ", "so: $"]
        let backs = ["", ".", " apples", "**", "}", ")", "%", " because", ", I think.", "\n", "$"]
        for _ in 0..<100 {
            let number = "\(draw(3) == 0 ? "-" : "")\(draw(100_000))\(draw(3) == 0 ? ".\(draw(100))" : "")"
            let text = fronts[draw(fronts.count)] + number + backs[draw(backs.count)]
            #expect(Self.read(text) == DecimalNumber(number)?.description, "\(text)")
        }
    }

    @Test func anExponentScalesExactly() throws {
        let number = try #require(DecimalNumber("-12.345"))
        #expect(number.scaled(by: 0) == number)
        #expect("\(number.scaled(by: 1))" == "-123.45")
        #expect("\(number.scaled(by: 5))" == "-1234500")
        #expect("\(number.scaled(by: -1))" == "-1.2345")
        #expect("\(number.scaled(by: -4))" == "-0.0012345")
        for exponent in -30...30 { #expect(number.scaled(by: exponent).scaled(by: -exponent) == number) }
    }
}
