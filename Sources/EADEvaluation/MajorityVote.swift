/// The expected correctness of the most frequent answer among k of n responses, exactly.
///
/// The expectation is over all k! C(n, k) orders of k of the n responses, with ties broken by the answer seen first. Of r
/// tied answers each comes first equally often, so each counts 1 / r. A response without an answer has no vote; a
/// majority of nothing is wrong.
package struct MajorityVote: Sendable {
    /// Responses per answer, and whether the answer is correct.
    private var answers: [(votes: Int, isCorrect: Bool)] = []
    private let samples: Int

    /// - Parameter responses: At most 1024 responses; of equal predictions the first one's correctness counts.
    package init(_ responses: [(prediction: String?, isCorrect: Bool)]) {
        precondition((1...1024).contains(responses.count), "binomial coefficients have to fit in a double")
        self.samples = responses.count
        var places: [String: Int] = [:]
        for response in responses {
            guard let prediction = response.prediction else { continue }
            if let place = places[prediction] {
                self.answers[place].votes += 1
            } else {
                places[prediction] = self.answers.count
                self.answers.append((votes: 1, isCorrect: response.isCorrect))
            }
        }
    }

    /// The expectations for k = 1, 2, ..., n.
    ///
    /// Subsets are counted by the winner's votes m: C(votes, m) ways for it, and for the others the coefficient of
    /// x^(k - m) in the product of (1 + C(v, 1) x + ... + C(v, m) x^m) over their votes v, where each full m is a tie.
    package var expectations: [Double] {
        var wins = [Double](repeating: 0, count: self.samples + 1)
        for (place, answer) in self.answers.enumerated() where answer.isCorrect {
            let others = self.answers.indices.filter { $0 != place }.map { self.answers[$0].votes }
            for votes in 1...answer.votes { self.count(wins: &wins, of: answer.votes, with: votes, against: others) }
        }
        let subsets = Self.binomials(self.samples)
        return (1...self.samples).map { wins[$0] / subsets[$0] }
    }

    /// Adds to `wins[k]` the subsets of size k that an answer wins with exactly `votes`, ties in shares.
    private func count(wins: inout [Double], of own: Int, with votes: Int, against others: [Int]) {
        // Whoever has fewer votes in all never ties: together with the silent responses they are one free choice.
        let rivals = others.filter { $0 >= votes }
        let free = self.samples - own - rivals.reduce(0, +)
        // table[r][t]: choices of t responses among the rivals so far with r of them at `votes`.
        var table: [[Double]] = [Self.binomials(free)]
        for rival in rivals {
            let ways = Self.binomials(rival)
            let length = table[0].count + votes
            var next = [[Double]](repeating: [Double](repeating: 0, count: length), count: table.count + 1)
            for (ties, row) in table.enumerated() {
                for (taken, choices) in row.enumerated() where choices > 0 {
                    for more in 0..<votes { next[ties][taken + more] += choices * ways[more] }
                    next[ties + 1][taken + votes] += choices * ways[votes]
                }
            }
            table = next
        }
        let ways = Self.binomials(own)[votes]
        for (ties, row) in table.enumerated() {
            for (taken, choices) in row.enumerated() where choices > 0 && votes + taken <= self.samples {
                wins[votes + taken] += ways * choices / Double(ties + 1)
            }
        }
    }

    /// C(n, 0), ..., C(n, n).
    private static func binomials(_ n: Int) -> [Double] {
        var row: [Double] = [1]
        // The quotient first: C(1024, 512) is close to the largest double.
        for k in 0..<n { row.append(row[k] * (Double(n - k) / Double(k + 1))) }
        return row
    }
}
