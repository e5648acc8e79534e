import EADConfiguration
import EADCore
import EADEngine
import EADEnvironments
import EADFiles
import EADLearner
import EADObservation
import EADProtocol
import EADRuntime
import EADTelemetry

/// What a run left, judged by rules that hold for every run, however often anybody died in it: its log, its journal, its
/// checkpoints.
///
/// Nothing is computed again, and no model is loaded: that is what `ead-ctl replay` does.
package struct RunCheck: Encodable {
    package let run: String
    package let findings: [RunFinding]

    package var isRight: Bool { self.findings.allSatisfy(\.faults.isEmpty) }

    /// - Throws: `RoleFailure`, `ConfigurationError` or `FileError` for what is no run's directory.
    package init(_ path: String) throws {
        let files = try RunFiles(path)
        let configuration = files.configuration
        let bound = UInt64(configuration.training.stalenessBound)
        // A journal without its task's data is looked at as far as that goes.
        let task = try? TaskSource.load(configuration.task, baseDirectory: "", limit: PromptLimit(configuration))
        var plan = RunPlan(configuration)
        if task?.heldOut.isEmpty ?? true {
            (plan.evaluatesBefore, plan.evaluatesAfter, plan.evaluationInterval) = (false, false, 0)
        }
        let log = RunLogCheck(files.log.records, plan: plan, bound: bound, learner: configuration.learner.name)

        var journal = JournalCheck(
            curriculum: task.map { Curriculum(configuration, problems: $0.training) },
            slots: configuration.training.promptsPerStep, bound: bound,
            mixesVersions: configuration.training.swap == .keep, sampling: configuration.sampling)
        let last = files.log.records.last { $0.kind == .step }?.step
        let run = files.log.records.lazy.compactMap { $0.notes["run"] }.first
        for step in try Self.journalled(files.directory) {
            let held = try RolloutJournal.recorded(step, in: files.directory.journal)
            journal.look(at: held, of: step, run: run, isTrained: last.map { step <= $0 } ?? false)
        }
        var lines = RunFinding("every line of the log is whole")
        for _ in files.log.records { lines.look() }
        for line in files.log.damagedLines { lines.look("line \(line) is none") }
        self.run = path
        self.findings = try [lines] + log.findings + journal.findings + [Self.checkpoints(files, last: last)]
    }

    private static func journalled(_ directory: RunLayout) throws -> [GlobalStep] {
        guard FileTree.exists(directory.journal) else { return [] }
        return try RolloutJournal.steps(in: directory.journal)
    }

    /// Checkpoints have the bytes that they say, and none is of a step that nobody reported.
    private static func checkpoints(_ files: RunFiles, last: GlobalStep?) throws -> RunFinding {
        var finding = RunFinding("every checkpoint has the bytes it says, of a step that was trained")
        guard FileTree.exists(files.directory.checkpoints) else { return finding }
        for name in try FileTree.names(in: files.directory.checkpoints).sorted() where StepName(name) != nil {
            do {
                let checkpoint = try Checkpoint(path: files.directory.checkpoints + "/" + name)
                try checkpoint.verify()
                let step = checkpoint.state.step
                finding.expect(
                    step == GlobalStep(0) || last.map { step <= $0.next } ?? false,
                    "\(name) is of step \(step), and the log ends before")
            } catch {
                finding.look("\(name): \(error)")
            }
        }
        return finding
    }

    /// A line per rule, and a line per fault under it.
    /// - Parameter width: Of the terminal; nil for as wide as it takes.
    package func text(width: Int?) -> String {
        let counts = self.findings.map { $0.seen == 0 ? "-" : "\($0.seen)" }
        let digits = counts.map(\.count).max() ?? 0
        var lines: [String] = []
        for (finding, count) in zip(self.findings, counts) {
            let mark = finding.faults.isEmpty ? (finding.seen == 0 ? " " : "✓") : "✗"
            lines.append("\(mark) \(String(repeating: " ", count: digits - count.count))\(count)  \(finding.rule)")
            lines += finding.faults.prefix(Self.faultsShown).map { "    \($0)" }
            let more = finding.faults.count - Self.faultsShown
            if more > 0 { lines.append("    and \(more) more") }
        }
        return lines.flatMap { line in width.map { line.wrapped(to: $0) } ?? [line] }.joined(separator: "\n")
    }

    private static let faultsShown = 5

    package func json() throws -> String { try JSONText.encode(self) }
}
