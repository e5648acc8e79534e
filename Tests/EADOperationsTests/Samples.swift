import EADCore
import EADMessages
import Synchronization

@testable import EADOperations

/// Statuses and reports as a controller would send them.
enum Samples {
    static func status(
        phase: StatusReply.Phase = .training, step: UInt64 = 2, members: [MemberStatus] = [],
        steps: [StepReport] = [], evaluations: [EvaluationReport] = [], waitingFor: String = ""
    ) -> StatusReply {
        StatusReply(
            run: RunID(bytes: Array(repeating: 0xAB, count: 16)) ?? RunID.random(), name: "quickstart", phase: phase,
            step: GlobalStep(step), totalSteps: 40, waitingFor: waitingFor, waitingMilliseconds: 4000,
            groupsAccepted: 3, groupsPerStep: 8, elapsedMilliseconds: 200_000, members: members, steps: steps,
            evaluations: evaluations, counters: [MetricKey(name: "leases_expired"): 2])
    }

    static func member(
        _ name: String = "w1", _ health: Health = .alive, waitingFor: String = ""
    ) -> MemberStatus {
        MemberStatus(
            node: NodeID(name), role: .worker, health: health, process: "host:7", epoch: Epoch(3),
            silentMilliseconds: 200,
            heartbeat: Heartbeat(
                activity: .generating, isWaiting: !waitingFor.isEmpty, waitingFor: waitingFor,
                waitingMilliseconds: 61_000, progress: 5, tokens: 900,
                tokensPerSecond: 123.4, policyVersion: PolicyVersion(2), credit: 2,
                leases: [LeaseID(group: GroupID(purpose: .training, step: GlobalStep(2), slot: 1), attempt: 1)],
                residentBytes: 3 << 20, draining: false))
    }

    static func step(_ step: UInt64, seconds: Double = 2, reward: Double = 0.25) -> StepReport {
        StepReport(
            step: GlobalStep(step), version: PolicyVersion(step + 1), rootHash: [0xAB, 0xCD],
            metrics: [
                MetricKey(name: "reward"): reward, MetricKey(name: "pass_at_k"): 0.5,
                MetricKey(name: "step_seconds"): seconds,
            ])
    }

    static func evaluation(_ version: UInt64, samples: UInt32 = 4, mean: Double = 0.5) -> EvaluationReport {
        EvaluationReport(
            version: PolicyVersion(version), problems: 10, samples: samples,
            values: [
                MetricKey(name: "mean"): mean, MetricKey(name: "mean_low"): 0.4, MetricKey(name: "mean_high"): 0.6,
                MetricKey(name: "pass_at_4"): 0.75, MetricKey(name: "greedy_accuracy"): 0.1,
            ])
    }
}

/// A terminal that remembers what was written to it.
final class Transcript: Sendable {
    private let text = Mutex("")

    var lines: [String] {
        self.text.withLock { $0.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) } }.dropLast()
    }
    var all: String { self.text.withLock { $0 } }

    /// - Parameter width: Of a terminal; nil for a file.
    func terminal(width: Int? = nil, rows: Int = 24) -> Terminal {
        Terminal(size: { width.map { Terminal.Size(columns: $0, rows: rows) } }) { part in
            self.text.withLock { $0 += part }
        }
    }
}
