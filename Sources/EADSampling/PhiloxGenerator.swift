package import EADCore

/// A sequential generator over Philox4x32-10 for shuffles and selections; its output is fixed by seed and stream.
///
/// Streams of one seed share no block with each other, nor with any `SampleKey` of that seed.
package struct PhiloxGenerator: RandomNumberGenerator, Sendable {
    private let key: SIMD2<UInt32>
    /// Words 2 and 3 of the counter.
    private let place: (UInt32, Philox.Domain)
    private var counter: UInt64 = 0
    private var spare: UInt64?

    package init(seed: UInt64, stream: UInt64 = 0) {
        self.key = Philox.key(seed: seed, stream: stream)
        self.place = (0, .generator)
    }

    /// The stream from which the tokens of one update are chosen.
    package init(seed: UInt64, step: GlobalStep, miniBatch: UInt32) {
        self.key = Philox.key(seed: seed, stream: step.rawValue)
        self.place = (miniBatch, .selection)
    }

    /// The stream from which the initial weights of a tensor are drawn.
    package init(seed: UInt64, tensor: UInt32) {
        self.key = Philox.key(seed: seed, stream: 0)
        self.place = (tensor, .weights)
    }

    package mutating func next() -> UInt64 {
        if let spare = self.spare {
            self.spare = nil
            return spare
        }
        let low = UInt32(truncatingIfNeeded: self.counter)
        let high = UInt32(truncatingIfNeeded: self.counter >> 32)
        let block = Philox.block(
            counter: Philox.Block(low, high, self.place.0, self.place.1.rawValue), key: self.key)
        self.counter &+= 1
        self.spare = UInt64(block.w) << 32 | UInt64(block.z)
        return UInt64(block.y) << 32 | UInt64(block.x)
    }

    /// An unbiased integer in [0, bound), by Lemire's multiplication with rejection; `bound` is above 0.
    package mutating func below(_ bound: UInt64) -> UInt64 {
        precondition(bound > 0, "there is no number below 0")
        var product = self.next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = self.next().multipliedFullWidth(by: bound) }
        }
        return product.high
    }

    /// A number in [0, 1), a multiple of 2^-53.
    package mutating func uniform() -> Double { Double(self.next() >> 11) * 0x1p-53 }
}

/// A random order of 0..<count, by Fisher and Yates from the last place down; fixed by seed and stream.
///
/// It does not use the standard library's `shuffle`, whose algorithm may change between releases.
package func permutation(count: Int, seed: UInt64, stream: UInt64) -> [Int] {
    var generator = PhiloxGenerator(seed: seed, stream: stream)
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
        order.swapAt(last, Int(generator.below(UInt64(last) + 1)))
    }
    return order
}
