import EADCore
package import EADMessages
import Foundation

/// The status as one JSON object; field names are part of the command's interface.
package struct StatusJSON: Encodable {
    struct Member: Encodable {
        var node: String
        var role: String
        var health: String
        var process: String
        var epoch: UInt64
        var policyVersion: UInt64
        var tokensPerSecond: Float
        var tokens: UInt64
        var leases: [String]
        var residentBytes: UInt64
        var silentMilliseconds: UInt64
        var activity: String
        var waitingFor: String
        var waitingMilliseconds: UInt64
        var draining: Bool
        var counters: MetricCounters
        var complaint: String
    }

    struct Step: Encodable {
        var step: UInt64
        var version: UInt64
        var rootHash: String
        var metrics: MetricValues
    }

    var run: String
    var name: String
    var phase: String
    var healthy: Bool
    var step: UInt64
    var totalSteps: UInt64
    var waitingFor: String
    var waitingMilliseconds: UInt64
    var groupsAccepted: UInt32
    var groupsPerStep: UInt32
    var elapsedMilliseconds: UInt64
    var members: [Member]
    var steps: [Step]
    var evaluations: [EvaluationReport]
    var counters: MetricCounters
    var troubles: [String]

    package init(_ status: StatusReply) {
        self.run = "\(status.run)"
        self.name = status.name
        self.phase = "\(status.phase)"
        self.healthy = status.isHealthy
        self.step = status.step.rawValue
        self.totalSteps = status.totalSteps
        self.waitingFor = status.waitingFor
        self.waitingMilliseconds = status.waitingMilliseconds
        self.groupsAccepted = status.groupsAccepted
        self.groupsPerStep = status.groupsPerStep
        self.elapsedMilliseconds = status.elapsedMilliseconds
        self.members = status.members.map { member in
            let beat = member.heartbeat
            return Member(
                node: member.node.rawValue, role: member.role.rawValue, health: "\(member.health)",
                process: member.process, epoch: member.epoch.rawValue, policyVersion: beat.policyVersion.rawValue,
                tokensPerSecond: beat.tokensPerSecond, tokens: beat.tokens, leases: beat.leases.map { $0.group.path },
                residentBytes: beat.residentBytes, silentMilliseconds: member.silentMilliseconds,
                activity: beat.activity.text, waitingFor: beat.waitingFor,
                waitingMilliseconds: beat.waitingMilliseconds,
                draining: beat.draining, counters: beat.counters, complaint: beat.complaint)
        }
        self.steps = status.steps.map { report in
            Step(
                step: report.step.rawValue, version: report.version.rawValue, rootHash: report.rootHash.hexadecimal,
                metrics: report.metrics)
        }
        self.evaluations = status.evaluations
        self.counters = status.counters
        self.troubles = status.troubles
    }

    /// - Parameter isPretty: For people; else it is one line.
    package func text(isPretty: Bool = true) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = isPretty ? [.prettyPrinted, .sortedKeys] : [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
