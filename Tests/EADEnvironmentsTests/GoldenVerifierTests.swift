import EADCore
import EADEnvironments
import Foundation
import Testing

/// Scores of verl 0.9.1 on responses of our own; `scripts/reference/verifiers.py` writes them.
struct GoldenVerifierTests {
    struct Reference: Decodable {
        let response: String
        let answer: String
        /// What the strict GSM8K rule reads, without commas.
        let marked: String?
        let gsm8kStrict: Float
        let boxed: Float
        /// The content of the box in MATH's normal form.
        let box: String?
        let dapo: Float
        /// The answer line in Minerva's normal form, or the box in its place.
        let line: String?
    }

    let cases: [Reference]

    init() throws {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/verifiers", withExtension: "jsonl"))
        self.cases = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Reference.self, from: Data($0.utf8))
        }
        #expect(self.cases.count > 400)
    }

    @Test func boxesAgreeWithTheReference() async throws {
        #expect(self.cases.count { $0.boxed == 1 } > 50)
        for reference in self.cases {
            let verdict = try await EnvironmentKind.boxed.score(response: reference.response, answer: reference.answer)
            #expect(verdict.reward == reference.boxed, "\(reference)")
            #expect(Self.scalars(verdict.prediction) == Self.scalars(reference.box), "\(reference)")
        }
    }

    /// The reference's own word for "no answer" is an answer to us.
    @Test func answerLinesAgreeWithTheReferenceButForItsMarkOfFailure() async throws {
        #expect(self.cases.count { $0.dapo == 1 } > 50)
        for reference in self.cases where !reference.response.contains("[INVALID]") {
            let verdict = try await EnvironmentKind.dapo.score(response: reference.response, answer: reference.answer)
            #expect(verdict.reward == reference.dapo, "\(reference)")
            #expect(Self.scalars(verdict.prediction) == Self.scalars(reference.line), "\(reference)")
        }
    }

    /// The reference compares texts; where the text is a plain number, that is the same.
    @Test func markedNumbersAgreeWithTheReferenceWhereTheyArePlain() async throws {
        func isPlain(_ text: String) -> Bool {
            let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
            return Int(text) != nil && (digits == "0" || !digits.hasPrefix("0"))
        }
        var plain = 0
        for reference in self.cases where EnvironmentKind.gsm8kStrict.problem(of: reference.answer) == nil {
            let verdict = try await EnvironmentKind.gsm8kStrict.score(
                response: reference.response, answer: reference.answer)
            #expect(verdict.strictReward == verdict.reward)
            guard let marked = reference.marked else {
                #expect(verdict == Verdict(reward: 0, strictReward: 0, prediction: nil))
                continue
            }
            guard isPlain(marked), isPlain(reference.answer) else { continue }
            plain += 1
            #expect(verdict.reward == reference.gsm8kStrict && verdict.prediction == marked, "\(reference)")
        }
        #expect(plain > 10)
    }

    /// Swift's strings are equal when only their composition differs.
    ///
    /// Reading nothing at all is no answer to us.
    private static func scalars(_ text: String?) -> [Unicode.Scalar]? {
        text.flatMap { $0.isEmpty ? nil : Array($0.unicodeScalars) }
    }
}
