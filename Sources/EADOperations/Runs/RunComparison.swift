import EADConfiguration
import EADCore
import EADMessages
import EADObservation
import EADTelemetry

/// Two runs side by side: the settings in which they differ, and what came out.
package struct RunComparison {
    private let before: RunDigest
    private let after: RunDigest
    private let settings: [SettingDifference]
    /// Paths of settings that results depend on.
    private let lasting: Set<String>

    private struct Setting: Encodable {
        let path: String
        let before: String?
        let after: String?
        /// Whether results depend on it.
        let isLasting: Bool
    }

    private struct Comparison: Encodable {
        let runs: [String]
        let settings: [Setting]
        /// Steps from the first on after which both runs had the same weights to the byte.
        let equalSteps: Int
        let commonSteps: Int
        /// After the last step that both have trained.
        let steps: [MetricValues]
        /// After the last step at which both were evaluated.
        let evaluatedStep: UInt64?
        let evaluations: [MetricValues]
    }

    /// - Throws: `RoleFailure`, `ConfigurationError` or `FileError` for what is no run's directory.
    package init(_ before: String, _ after: String) throws {
        let files = try (RunFiles(before), RunFiles(after))
        self.before = try RunDigest(files.0)
        self.after = try RunDigest(files.1)
        self.lasting = files.0.configuration.lastingPaths.union(files.1.configuration.lastingPaths)
        self.settings = SettingDifference.all(
            from: files.0.configuration.sharedLines, to: files.1.configuration.sharedLines)
    }

    private var runs: [RunDigest] { [self.before, self.after] }

    private var commonSteps: Int { min(self.before.steps.count, self.after.steps.count) }

    private var equalSteps: Int {
        zip(self.before.steps, self.after.steps).prefix { $0.step == $1.step && $0.rootHash == $1.rootHash }.count
    }

    private var evaluatedStep: UInt64? {
        Set(self.before.evaluations.map(\.step)).intersection(self.after.evaluations.map(\.step)).max()
    }

    /// Whether nothing that results depend on differs, nor any weights of steps that both have trained.
    package var isEqual: Bool {
        !self.settings.contains { self.lasting.contains($0.path) && !Self.isName($0.path) }
            && self.equalSteps == self.commonSteps
    }

    private static func isName(_ path: String) -> Bool { path == "run.name" }

    package func json() throws -> String {
        let common = self.commonSteps
        let evaluated = self.evaluatedStep
        return try JSONText.encode(
            Comparison(
                runs: self.runs.map(\.directory),
                settings: self.settings.map {
                    Setting(
                        path: $0.path, before: $0.before, after: $0.after, isLasting: self.lasting.contains($0.path))
                }, equalSteps: self.equalSteps, commonSteps: common,
                steps: common > 0 ? self.runs.map { $0.steps[common - 1].metrics } : [], evaluatedStep: evaluated,
                evaluations: self.runs.compactMap { run in run.evaluations.first { $0.step == evaluated }?.metrics }))
    }

    /// - Parameter width: Of the terminal; nil for as wide as it takes.
    package func text(width: Int?) -> String {
        [self.settingsText(width: width), self.weightsText, self.stepsText(width: width), self.evaluationsText]
            .compactMap { $0 }.joined(separator: "\n\n")
    }

    private func settingsText(width: Int?) -> String {
        guard !self.settings.isEmpty else { return "all settings are the same" }
        let rows = self.settings.map { difference in
            let mark = self.lasting.contains(difference.path) && !Self.isName(difference.path) ? "*" : ""
            return [difference.path + mark, difference.before ?? "not set", difference.after ?? "not set"]
        }
        let columns = [
            FittedTable.Column("SETTING", least: 24), .init(self.before.directory, least: 12),
            .init(self.after.directory, least: 12),
        ]
        return FittedTable(columns: columns, rows: rows).text(width: width) + "\n* results depend on it"
    }

    private var weightsText: String? {
        let (equal, common) = (self.equalSteps, self.commonSteps)
        guard common > 0 else { return nil }
        if equal == common { return "the weights are the same bytes after each of \(common) steps" }
        return equal > 0
            ? "the weights are the same bytes through step \(equal) of \(common)"
            : "the weights differ from the first step on"
    }

    private func stepsText(width: Int?) -> String? {
        let common = self.commonSteps
        guard common > 0 else { return nil }
        let (one, other) = (self.before.steps[common - 1].metrics, self.after.steps[common - 1].metrics)
        let rows = MetricCatalogue.all.compactMap { metric -> [String]? in
            guard let column = metric.column, let first = one[metric.key], let second = other[metric.key] else {
                return nil
            }
            return [column.title] + [first, second, second - first].map { $0.text(decimals: column.decimals) }
        }
        let columns = [
            FittedTable.Column("STEP \(common)"), .init(self.before.directory, least: 8),
            .init(self.after.directory, least: 8), .init("CHANGE"),
        ]
        return FittedTable(columns: columns, rows: rows).text(width: width)
    }

    private var evaluationsText: String? {
        guard let step = self.evaluatedStep else { return nil }
        let reports = self.runs.compactMap { run in
            run.evaluations.first { $0.step == step }.map { (title: run.directory, report: run.report($0)) }
        }
        let sizes = Set(self.runs.map(\.samples)).filter { $0 > 1 }.map { Int($0) }.sorted()
        return "held-out, policy \(step)\n" + EvaluationTable(reports, sizes: sizes).text
    }
}
