import EADCore
import EADProtocol
import EADTestKit
import Foundation

/// How long things take in a cluster whose speed is looked at: decoding that is bound by memory, responses of very different
/// lengths, and a learner as fast as all workers together.
///
/// A token of every active sample takes some time for each policy that is read for it, and some for each sample.
struct SimulatedDecoding: Sendable {
    let lanes = 64
    let perVersion = 0.0055
    let perSample = 0.000_77
    /// Of the step that a learner trains, in seconds.
    let training: Double
    /// Lengths are log-normal: their mean, the deviation of their logarithm, and the most tokens that a response may have.
    let mean = 128.0
    let deviation = 1.0
    let limit = 1024

    /// - Parameter tokensPerStep: In the mean.
    init(workers: Int, tokensPerStep: Double) {
        let rate = Double(self.lanes) / (self.perVersion + self.perSample * Double(self.lanes))
        self.training = tokensPerStep / (rate * Double(workers))
    }

    /// The lengths of a group's responses, whoever samples them.
    func lengths(of lease: Lease) -> [Int] {
        var random = SplitMix64(seed: Simulation.mix(lease.seed, lease.group.step.rawValue, UInt64(lease.group.slot)))
        return (0..<lease.samples).map { _ in
            let normal = (-2 * log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())
            let length = exp(log(self.mean) - self.deviation * self.deviation / 2 + self.deviation * normal)
            return min(max(Int(length.rounded()), 1), self.limit)
        }
    }

    /// What a worker's lanes do.
    struct Lanes: Sendable {
        private var groups: [(id: GroupID, left: [Int])] = []
        private var seconds = 0.0

        mutating func start(_ id: GroupID, lengths: [Int]) { self.groups.append((id, lengths)) }
        mutating func cancel(_ id: GroupID) { self.groups.removeAll { $0.id == id } }

        /// Draws tokens for so long; the groups that became complete.
        /// - Parameter version: What a group is sampled with.
        mutating func advance(
            _ seconds: Double, _ decoding: SimulatedDecoding, version: (GroupID) -> PolicyVersion?
        ) -> [GroupID] {
            self.seconds += seconds
            var complete: [GroupID] = []
            while !self.groups.isEmpty {
                var free = decoding.lanes
                var versions: Set<PolicyVersion?> = []
                for group in self.groups where free > 0 {
                    free -= min(free, group.left.count)
                    versions.insert(version(group.id))
                }
                let time =
                    decoding.perVersion * Double(versions.count) + decoding.perSample * Double(decoding.lanes - free)
                guard time <= self.seconds else { return complete }
                self.seconds -= time
                free = decoding.lanes
                for place in self.groups.indices where free > 0 {
                    let active = min(free, self.groups[place].left.count)
                    free -= active
                    for sample in 0..<active { self.groups[place].left[sample] -= 1 }
                    self.groups[place].left.removeAll { $0 == 0 }
                }
                complete += self.groups.filter(\.left.isEmpty).map(\.id)
                self.groups.removeAll(where: \.left.isEmpty)
            }
            self.seconds = 0
            return complete
        }
    }
}
