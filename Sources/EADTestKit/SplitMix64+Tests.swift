package import EADCore

/// What property loops draw: the same seed gives the same test on every machine.
extension SplitMix64 {
    package init(seed: Int) { self.init(seed: UInt64(bitPattern: Int64(seed))) }

    /// True with the given probability.
    package mutating func chance(_ probability: Double) -> Bool { self.uniform() < probability }

    /// A number in 0..<bound.
    package mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}
