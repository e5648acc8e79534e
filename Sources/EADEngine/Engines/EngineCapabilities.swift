/// What an engine promises about its numbers.
package struct EngineCapabilities: Hashable, Sendable {
    /// Whether equal inputs give equal bits on every host, at sampling and in training.
    ///
    /// Where it is true, a log-probability that differs from the one recorded at sampling is a fault; where it is false,
    /// it is rounding.
    package var isBitExact: Bool

    package init(isBitExact: Bool) { self.isBitExact = isBitExact }
}
