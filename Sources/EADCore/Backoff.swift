/// How long to wait between attempts of something that may not work yet.
package struct BackoffConfiguration: Hashable, Sendable {
    /// The wait after the first failure; above 0.
    package var initial: Duration
    /// Each wait is this many times the one before; in [1, 1000].
    package var factor: Double
    /// No wait is longer; at least `initial`.
    package var maximum: Duration
    /// The share of each wait that is drawn at random, in [0, 1]: a wait w becomes w (1 - jitter u), u in [0, 1).
    package var jitter: Double

    package init(
        initial: Duration = .milliseconds(100), factor: Double = 2, maximum: Duration = .seconds(5),
        jitter: Double = 0.5
    ) {
        self.initial = initial
        self.factor = factor
        self.maximum = maximum
        self.jitter = jitter
    }
}

/// The waits between the attempts of one undertaking: exponential, capped, with jitter fixed by a seed.
package struct Backoff: Hashable, Sendable {
    package let configuration: BackoffConfiguration
    /// The next wait before jitter.
    private var wait: Duration
    private var generator: SplitMix64

    /// - Parameter seed: Processes that should not retry in step with each other use different seeds.
    package init(_ configuration: BackoffConfiguration = BackoffConfiguration(), seed: UInt64) {
        precondition(configuration.initial > .zero, "a back-off starts above zero")
        precondition(configuration.maximum >= configuration.initial, "the longest wait is no shorter than the first")
        precondition((1...1000).contains(configuration.factor), "waits do not shrink, nor explode")
        precondition((0...1).contains(configuration.jitter), "jitter is a share")
        self.configuration = configuration
        self.wait = configuration.initial
        self.generator = SplitMix64(seed: seed)
    }

    package init(initial: Duration, factor: Double, maximum: Duration, jitter: Double, seed: UInt64) {
        self.init(BackoffConfiguration(initial: initial, factor: factor, maximum: maximum, jitter: jitter), seed: seed)
    }

    /// The time to wait before the next attempt; above 0 unless jitter is 1, never above `maximum`.
    package mutating func next() -> Duration {
        let wait = self.wait
        self.wait = min(self.configuration.maximum, wait * self.configuration.factor)
        return wait * (1 - self.configuration.jitter * self.generator.uniform())
    }

    /// The attempt worked: the next failure starts again from the shortest wait.
    package mutating func reset() { self.wait = self.configuration.initial }
}
