import EADCore
import EADEvaluation
import EADTestKit
import Testing

@Suite struct EstimateTests {
    /// All subsets of `size` of 0..<count, as bit masks.
    private func subsets(_ count: Int, _ size: Int) -> [[Int]] {
        (0..<(1 << count)).filter { $0.nonzeroBitCount == size }.map { mask in
            (0..<count).filter { mask >> $0 & 1 == 1 }
        }
    }

    private func orders(_ places: [Int]) -> [[Int]] {
        guard !places.isEmpty else { return [[]] }
        return places.flatMap { first in self.orders(places.filter { $0 != first }).map { [first] + $0 } }
    }

    @Test func passAndWorstAreMeansOverAllSubsets() {
        for samples in 1...8 {
            for correct in 0...samples {
                for size in 1...samples {
                    let subsets = self.subsets(samples, size)
                    let pass = subsets.count { $0.contains { $0 < correct } }
                    let worst = subsets.count { $0.allSatisfy { $0 < correct } }
                    let estimate = SubsetEstimate(samples: samples, correct: correct, size: size)
                    #expect(abs(estimate.pass - Double(pass) / Double(subsets.count)) < 1e-12)
                    #expect(abs(estimate.worst - Double(worst) / Double(subsets.count)) < 1e-12)
                }
            }
        }
    }

    @Test func withOneResponseAllEstimatesAreTheShareOfCorrectOnes() {
        let estimate = SubsetEstimate(samples: 16, correct: 6, size: 1)
        for value in [estimate.pass, estimate.worst, estimate.bootstrapBest, estimate.bootstrapWorst] {
            #expect(abs(value - 0.375) < 1e-12)
        }
    }

    @Test func theBootstrapFormsAreBelowPassAndAboveWorst() {
        for correct in 1...12 {
            let estimate = SubsetEstimate(samples: 16, correct: correct, size: 16)
            #expect(estimate.pass == 1 && estimate.worst == 0)
            #expect(estimate.bootstrapBest < 1 && estimate.bootstrapWorst > 0)
        }
        // verl's best@16 of one correct response in 16.
        #expect(abs(SubsetEstimate(samples: 16, correct: 1, size: 16).bootstrapBest - 0.6439258695) < 1e-9)
    }

    @Test func largeCountsDoNotOverflow() {
        let estimate = SubsetEstimate(samples: 1024, correct: 512, size: 512)
        #expect(estimate.pass == 1 && estimate.worst >= 0 && estimate.worst < 1e-300)
        let responses = (0..<1024).map { (prediction: $0 < 8 ? "a" : nil, isCorrect: true) }
        let expectations = MajorityVote(responses).expectations
        #expect(abs(expectations[0] - 8.0 / 1024) < 1e-12 && abs(expectations[1023] - 1) < 1e-9)
        // Some of the eight are among half of all: 1 - C(1016, 512) / C(1024, 512).
        let pass = SubsetEstimate(samples: 1024, correct: 8, size: 512).pass
        #expect(abs(expectations[511] - pass) < 1e-9)
    }

    @Test func theMajorityIsAMeanOverAllOrdersOfAllSubsets() {
        var random = SplitMix64(seed: 11)
        for _ in 0..<40 {
            let count = 1 + Int(random.next() % 6)
            let responses = (0..<count).map { _ in
                let answer = ["7", "8", "9", nil][Int(random.next() % 4)]
                return (prediction: answer, isCorrect: answer == "7")
            }
            let expectations = MajorityVote(responses).expectations
            for size in 1...count {
                let scores = self.subsets(count, size).flatMap { self.orders($0) }.map { order in
                    var votes: [(answer: String, votes: Int)] = []
                    for place in order {
                        guard let answer = responses[place].prediction else { continue }
                        if let index = votes.firstIndex(where: { $0.answer == answer }) {
                            votes[index].votes += 1
                        } else {
                            votes.append((answer, 1))
                        }
                    }
                    let most = votes.map(\.votes).max()
                    return votes.first { $0.votes == most }?.answer == "7" ? 1.0 : 0.0
                }
                #expect(abs(expectations[size - 1] - scores.reduce(0, +) / Double(scores.count)) < 1e-12)
            }
        }
    }

    @Test func aMajorityOfOneOrTwoIsTheShareOfCorrectResponses() {
        let responses = ["7", "7", "8", "9", "7", "1"].map { (prediction: Optional($0), isCorrect: $0 == "7") }
        let expectations = MajorityVote(responses).expectations
        #expect(abs(expectations[0] - 0.5) < 1e-12 && abs(expectations[1] - 0.5) < 1e-12)
        #expect(abs(expectations[5] - 1) < 1e-12)
    }
}
