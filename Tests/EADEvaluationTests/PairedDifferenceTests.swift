import EADEvaluation
import Testing

struct PairedDifferenceTests {
    @Test func aChangeThatAllProblemsShareIsCertain() throws {
        let difference = try #require(PairedDifference([(0, 0.25), (0.5, 0.75), (0.75, 1)]))
        #expect(difference.mean == 0.25 && difference.low == 0.25 && difference.high == 0.25)
    }

    /// Problems of very unequal difficulty, each a little easier than before: what two separate intervals hide.
    @Test func theIntervalIsThatOfTheDifferencesAndNotOfTheFigures() throws {
        let pairs = (0..<100).map { problem -> (Double, Double) in
            let figure = Double(problem) / 100
            return (figure, problem.isMultiple(of: 2) ? figure + 0.1 : figure)
        }
        let difference = try #require(PairedDifference(pairs))
        #expect(abs(difference.mean - 0.05) < 1e-12)
        // The standard error is 0.005.
        #expect((0.035...0.045).contains(difference.low) && (0.055...0.065).contains(difference.high))
    }

    @Test func nothingComesOfNoProblems() { #expect(PairedDifference([]) == nil) }
}
