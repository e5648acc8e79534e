import EADCore
import EADMessages
import EADProtocol
import EADTelemetry

/// Steps that had nothing to learn from: every group's rewards were equal, had no scores, or were filtered.
extension ControllerState {
    /// So many in a row are trouble, whatever the limit is.
    private static var troublesome: Int { 3 }

    /// The last steps, as far as all of them had nothing to learn from.
    private var idleSteps: ArraySlice<StepReport> {
        let last = self.reports.lastIndex { $0.metrics[\.groupsWithAdvantage] != 0 }
        return self.reports[(last.map { $0 + 1 } ?? 0)...]
    }

    /// What an operator is told of a step, and whether the run goes on after it.
    func judgeLastStep() -> [Effect] {
        guard let step = self.reports.last, let idle = self.idleness else { return [] }
        let limit = self.settings.maximumIdleSteps
        guard limit > 0, self.idleSteps.count >= limit else {
            return [.tellOperator(.warning, "step \(step.step): \(idle)")]
        }
        return [.fail("\(idle). That is as often as training.max_idle_steps allows")]
    }

    /// What the status says of the last steps; nil when there was something to learn from.
    var idleTrouble: String? {
        guard self.settings.maximumIdleSteps > 0, let idle = self.idleness else { return nil }
        let enough = min(Self.troublesome, self.settings.maximumIdleSteps)
        let isUnscored = self.idleSteps.last.map(Self.isUnscored) ?? false
        return isUnscored || self.idleSteps.count >= enough ? idle : nil
    }

    private static func isUnscored(_ report: StepReport) -> Bool {
        report.metrics[\.reward] == nil && (report.metrics[\.unscoredRollouts] ?? 0) > 0
    }

    /// What is wrong with the last steps, in words.
    private var idleness: String? {
        let steps = self.idleSteps
        guard let last = steps.last else { return nil }
        let count = steps.count == 1 ? "the last step" : "the last \(steps.count) steps"
        let filtered = last.metrics[\.groupsFiltered] ?? 0
        let reason =
            if Self.isUnscored(last) {
                "no response has a score"
            } else if last.metrics[\.reward] == nil, filtered > 0 {
                "the group filter kept none of \(Int(filtered)) groups"
            } else {
                "in every group all rewards are equal"
            }
        let complaints = self.roster.members.sorted { $0.key < $1.key }.compactMap { node, entry in
            entry.heartbeat.complaint.isEmpty ? nil : "\(node): \(entry.heartbeat.complaint)"
        }
        let words = (last.metrics[\.unscoredRollouts] ?? 0) > 0 ? complaints.first.map { "; \($0)" } ?? "" : ""
        return "\(count) had nothing to learn from: \(reason)\(words)"
    }
}
