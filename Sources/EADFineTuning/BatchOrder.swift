import EADSampling

/// Which demonstrations every step trains on: each once per pass, in batches of about equal length.
///
/// A pass is a random order of all, cut into windows of some batches; a window is sorted by length and cut into batches,
/// and the batches of the pass come in a random order. A function of lengths, batch size and seed: a step's batch depends
/// on no step before it.
package struct BatchOrder: Sendable {
    /// Tokens of each demonstration.
    private let lengths: [Int]
    private let seed: UInt64
    package let batchesPerPass: Int
    private var cached: (pass: UInt64, batches: [[Int]])?

    /// Batches whose demonstrations are sorted together.
    static let window = 32

    /// - Parameter size: Demonstrations of a batch; where it does not divide their number, batches differ by one.
    package init(lengths: [Int], size: Int, seed: UInt64) {
        precondition(!lengths.isEmpty && size >= 1, "a batch holds a demonstration")
        self.lengths = lengths
        self.seed = seed
        self.batchesPerPass = (lengths.count + size - 1) / size
    }

    package func pass(of step: UInt64) -> UInt64 { step / UInt64(self.batchesPerPass) }

    /// The places of the demonstrations of a step.
    package mutating func batch(of step: UInt64) -> [Int] {
        let pass = self.pass(of: step)
        let batches: [[Int]]
        if let cached = self.cached, cached.pass == pass {
            batches = cached.batches
        } else {
            batches = self.batches(of: pass)
            self.cached = (pass, batches)
        }
        return batches[Int(step % UInt64(self.batchesPerPass))]
    }

    private func batches(of pass: UInt64) -> [[Int]] {
        let (count, parts) = (self.lengths.count, self.batchesPerPass)
        func cut(_ batch: Int) -> Int { batch * count / parts }
        var order = permutation(count: count, seed: self.seed, stream: FineTuningStream.demonstrations(of: pass))
        for first in stride(from: 0, to: parts, by: Self.window) {
            let range = cut(first)..<cut(min(first + Self.window, parts))
            // The place in the random order decides between equal lengths.
            order[range] =
                order[range].enumerated().sorted {
                    (self.lengths[$0.element], $0.offset) < (self.lengths[$1.element], $1.offset)
                }.map(\.element)[...]
        }
        return permutation(count: parts, seed: self.seed, stream: FineTuningStream.batches(of: pass)).map {
            Array(order[cut($0)..<cut($0 + 1)])
        }
    }
}
