/// Sums over tokens that add up over the micro-batches of a step, and the figures read from them.
package struct ObjectiveMetrics: Hashable, Sendable {
    package internal(set) var tokens = 0
    package internal(set) var sequences = 0
    package internal(set) var loss = 0.0
    var clippedLow = 0
    var clippedHigh = 0
    var clippedDual = 0
    var ratioSum = 0.0
    /// The largest pi_theta / pi_old.
    package internal(set) var ratioMax = 0.0
    var logRatioSum = 0.0
    var importanceSum = 0.0
    /// The largest pi_old / mu, before truncation.
    package internal(set) var importanceMax = 0.0
    var weightSum = 0.0
    var weightSquareSum = 0.0
    var truncated = 0
    var rejected = 0
    var divergenceSum = 0.0
    var entropySum = 0.0

    package init() {}

    /// Adds the sums of another micro-batch.
    package mutating func merge(_ other: ObjectiveMetrics) {
        self.tokens += other.tokens
        self.sequences += other.sequences
        self.loss += other.loss
        self.clippedLow += other.clippedLow
        self.clippedHigh += other.clippedHigh
        self.clippedDual += other.clippedDual
        self.ratioSum += other.ratioSum
        self.ratioMax = max(self.ratioMax, other.ratioMax)
        self.logRatioSum += other.logRatioSum
        self.importanceSum += other.importanceSum
        self.importanceMax = max(self.importanceMax, other.importanceMax)
        self.weightSum += other.weightSum
        self.weightSquareSum += other.weightSquareSum
        self.truncated += other.truncated
        self.rejected += other.rejected
        self.divergenceSum += other.divergenceSum
        self.entropySum += other.entropySum
    }

    /// The share of tokens held at 1 - clipLow.
    package var clipFractionLow: Double { self.share(Double(self.clippedLow)) }
    /// The share of tokens held at 1 + clipHigh.
    package var clipFractionHigh: Double { self.share(Double(self.clippedHigh)) }
    /// The share of tokens held at the dual clip.
    package var clipFractionDual: Double { self.share(Double(self.clippedDual)) }
    /// The mean of pi_theta / pi_old.
    package var ratioMean: Double { self.share(self.ratioSum) }
    /// KL(pi_old || pi_theta) in nats per token, estimated by the mean of log pi_old - log pi_theta.
    package var approximateKL: Double { -self.share(self.logRatioSum) }
    /// The same, estimated by the mean of r - 1 - log r, which is never negative and varies less.
    package var approximateKLLowVariance: Double { self.share(self.ratioSum - Double(self.tokens) - self.logRatioSum) }
    /// The mean of pi_old / mu, before truncation.
    package var importanceMean: Double { self.share(self.importanceSum) }
    /// The mean weight that multiplied the losses.
    package var weightMean: Double { self.share(self.weightSum) }
    /// The share of tokens whose weight was cut to the cap.
    package var truncatedFraction: Double { self.share(Double(self.truncated)) }
    /// The share of tokens whose weight became 0.
    package var rejectedFraction: Double { self.share(Double(self.rejected)) }
    /// The mean estimate of KL(pi_theta || pi_ref) per token; 0 without a KL term.
    package var referenceKL: Double { self.share(self.divergenceSum) }
    /// The mean entropy at tau = 1, in nats; 0 without an entropy bonus.
    package var entropyMean: Double { self.share(self.entropySum) }
    /// (sum w)^2 / (n sum w^2): the share of tokens that would be as informative with equal weights, in (0, 1].
    package var effectiveSampleShare: Double {
        self.weightSquareSum > 0 ? self.share(self.weightSum * self.weightSum / self.weightSquareSum) : 0
    }

    private func share(_ sum: Double) -> Double { self.tokens == 0 ? 0 : sum / Double(self.tokens) }
}
