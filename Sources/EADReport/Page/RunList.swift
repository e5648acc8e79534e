/// What lies below the arms: every run, and the settings in which runs differ though no result depends on them.
struct RunList {
    let markup: Markup

    init(_ arms: [Arm]) {
        let names = ["Run", "Arm", "Seed", "Steps", "State", "Minutes"]
        let rows = arms.flatMap { arm in
            arm.runs.map { run -> Markup in
                let cells: [String] = [
                    run.name, arm.fullLabel, "\(run.seed)", "\(run.stepsDone) of \(run.plannedSteps)",
                    run.isFinished ? "finished" : "unfinished", NumberText.fixed(run.minutes, decimals: 1),
                ]
                return
                    "<tr>\(Markup(zip(names, cells).map { "<td data-name=\"\($0)\"><span>\($1)</span></td>" }))</tr>\n"
            }
        }
        self.markup = """
            <details><summary>Every run</summary>
            <div class="wide"><table><thead><tr>\(Markup(names.map { "<th>\($0)</th>" }))</tr></thead><tbody>
            \(Markup(rows))</tbody></table></div></details>
            \(Self.differences(arms.flatMap(\.runs)))
            """
    }

    /// Empty when runs differ in nothing else.
    private static func differences(_ runs: [ReportedRun]) -> Markup {
        // Where a run took place, and what it is called, has no part in what it learns.
        let places = ["run.name", "run.seed", "nodes.", "security."]
        let paths = Set(runs.flatMap(\.settings.keys)).filter { path in
            !places.contains { path.hasPrefix($0) } && !runs.contains { $0.lastingPaths.contains(path) }
                && Set(runs.map { $0.settings[path] }).count > 1
        }
        guard !paths.isEmpty else { return "" }
        let items = paths.sorted().map { path -> Markup in
            let values = Dictionary(grouping: runs) { $0.settings[path] ?? "not set" }
            let order = values.keys.sorted()
            let texts = order.map { "\($0) (\(Self.some(values[$0, default: []].map(\.name))))" }
            return "<li>\(path): \(texts.joined(separator: "; "))</li>\n"
        }
        return """
            <p>The runs also differ in settings that no update depends on:</p>
            <ul>
            \(Markup(items))</ul>

            """
    }

    private static func some(_ names: [String]) -> String {
        names.count > 4
            ? names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more" : names.joined(separator: ", ")
    }
}
