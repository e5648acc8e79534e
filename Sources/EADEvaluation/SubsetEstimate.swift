import Glibc

/// What k responses to a problem would achieve, estimated from n >= k of which c are correct.
///
/// `pass` and `worst` are the unbiased estimates: the mean over all subsets of k of the n responses. The bootstrap forms
/// draw k of the n with replacement, as verl does in 1000 rounds; they are what its rounds tend to, and are biased
/// towards c / n.
package struct SubsetEstimate: Hashable, Sendable {
    /// n, at least 1.
    package let samples: Int
    /// c, 0 to n.
    package let correct: Int
    /// k, 1 to n.
    package let size: Int

    package init(samples: Int, correct: Int, size: Int) {
        precondition((0...samples).contains(correct) && (1...samples).contains(size), "0 <= c <= n and 1 <= k <= n")
        self.samples = samples
        self.correct = correct
        self.size = size
    }

    /// At least one of k is correct: 1 - C(n - c, k) / C(n, k).
    package var pass: Double { 1 - self.share(self.samples - self.correct) }

    /// All k are correct: C(c, k) / C(n, k).
    package var worst: Double { self.share(self.correct) }

    /// The expected best of k drawn with replacement: 1 - (1 - c / n)^k.
    package var bootstrapBest: Double {
        1 - pow(Double(self.samples - self.correct) / Double(self.samples), Double(self.size))
    }

    /// The expected worst of k drawn with replacement: (c / n)^k.
    package var bootstrapWorst: Double { pow(Double(self.correct) / Double(self.samples), Double(self.size)) }

    /// C(m, k) / C(n, k), as a product of k factors.
    private func share(_ members: Int) -> Double {
        guard members >= self.size else { return 0 }
        return (0..<self.size).reduce(1) { $0 * Double(members - $1) / Double(self.samples - $1) }
    }
}
