import EADCore
import EADEngine

/// The first place where a run computed again is not what its record says.
package struct ReplayDifference: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    /// Nil where both are equal, to the bit.
    init?(sampled: GeneratedGroup, recorded: RolloutGroup) {
        for (index, (sample, rollout)) in zip(sampled.samples, recorded.rollouts).enumerated() {
            guard let difference = Self.difference(sample, rollout) else { continue }
            self.init("\(recorded.id), version \(recorded.policyVersion), rollout \(index), \(difference)")
            return
        }
        guard sampled.samples.count != recorded.rollouts.count else { return nil }
        self.init("\(recorded.id): \(sampled.samples.count) rollouts sampled, \(recorded.rollouts.count) recorded")
    }

    private static func difference(_ sample: GeneratedSample, _ rollout: Rollout) -> String? {
        let (found, wanted) = (sample.trace, rollout.trace)
        for position in 0..<min(found.count, wanted.count) {
            guard found.tokens[position] == wanted.tokens[position] else {
                return "token \(position): \(found.tokens[position]) sampled, \(wanted.tokens[position]) recorded"
            }
            for column in TokenTrace.Column.allCases {
                let (own, other) = (found[column][position], wanted[column][position])
                guard own.bitPattern == other.bitPattern else {
                    return "token \(position), \(column): \(own) sampled, \(other) recorded"
                }
            }
        }
        guard found.count == wanted.count else {
            return "token \(min(found.count, wanted.count)): \(found.count) tokens sampled, \(wanted.count) recorded"
        }
        guard sample.finish == rollout.finish else {
            return "its end: \(sample.finish) sampled, \(rollout.finish) recorded"
        }
        return nil
    }
}
