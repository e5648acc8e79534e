package import EADCore

/// What the random numbers of one sampled response depend on, and nothing else: not on the worker, nor on its batch.
package struct SampleKey: Hashable, Sendable {
    package var seed: UInt64
    package var purpose: Purpose
    package var step: GlobalStep
    /// The problem's place in its split.
    package var problem: UInt32
    /// The response's place in its group, from 0.
    package var sample: UInt32

    package init(seed: UInt64, purpose: Purpose, step: GlobalStep, problem: UInt32, sample: UInt32) {
        self.seed = seed
        self.purpose = purpose
        self.step = step
        self.problem = problem
        self.sample = sample
    }

    /// The uniform number in [0, 1) that draws the token at the 0-based response `position`, a multiple of 2^-24.
    ///
    /// It is the upper 24 bits of word 0 of the Philox4x32-10 block with
    /// ```
    /// key     = mix(seed) xor step                        (64 bits)
    /// counter = (position, sample, problem, purpose)      (4 x 32 bits)
    /// ```
    /// Every field has its own bits and `mix` is a bijection, so under one seed no two different pairs of key and
    /// position share a block. The remaining words are unused.
    package func uniform(at position: Int) -> Float {
        guard let position = UInt32(exactly: position) else {
            preconditionFailure("a response position counts from 0 and fits in 32 bits")
        }
        let domain: Philox.Domain =
            switch self.purpose {
            case .training: .training
            case .evaluation: .evaluation
            }
        let block = Philox.block(
            counter: Philox.Block(position, self.sample, self.problem, domain.rawValue),
            key: Philox.key(seed: self.seed, stream: self.step.rawValue))
        return Float(block.x >> 8) * 0x1p-24
    }
}
