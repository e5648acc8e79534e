import EADCore
import EADTelemetry

/// What the time of a step went into: collecting its groups, and a checkpoint meanwhile.
struct StepTimes: Sendable {
    /// When the version that the step's groups are sampled with could be fetched.
    private var publishedAt: ContinuousClock.Instant
    /// How long the checkpoint of that version took to write; nil without one.
    private var checkpoint: Duration?

    /// Whether a step's groups are sampled between two versions, and only then.
    private let isSynchronous: Bool

    init(publishedAt: ContinuousClock.Instant, isSynchronous: Bool = true) {
        self.publishedAt = publishedAt
        self.isSynchronous = isSynchronous
    }

    mutating func wroteCheckpoint(in duration: Duration) { self.checkpoint = duration }

    /// The groups of a step are there: the last came at `collected`, or before this process began.
    func collecting(_ groups: [RolloutGroup], until collected: ContinuousClock.Instant?) -> MetricValues {
        var values = MetricValues()
        values[\.checkpointSeconds] = self.checkpoint.map { $0 / .seconds(1) }
        guard let collected else { return values }
        let seconds = max(.zero, self.publishedAt.duration(to: collected)) / .seconds(1)
        let tokens = groups.flatMap(\.rollouts).map(\.trace.count).reduce(0, +)
        values[\.collectingSeconds] = seconds
        if seconds > 0, self.isSynchronous { values[\.generationTokensPerSecond] = Double(tokens) / seconds }
        return values
    }

    /// The version after the step can be fetched: the next step begins.
    mutating func published(at now: ContinuousClock.Instant) -> MetricValues {
        var values = MetricValues()
        values[\.stepSeconds] = self.publishedAt.duration(to: now) / .seconds(1)
        self = StepTimes(publishedAt: now, isSynchronous: self.isSynchronous)
        return values
    }
}
