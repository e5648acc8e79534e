/// A report of fine-tunings: one HTML page that needs nothing else, and its figures as files of their own.
package struct FineTuningReport: Sendable {
    package let page: ReportPage

    package init(_ runs: [ReportedFineTuning]) {
        precondition(!runs.isEmpty, "a report needs a run")
        let figures = FineTuningFigures(runs).all
        let title = runs.count == 1 ? "Fine-tuning \(runs[0].name)" : "\(runs.count) fine-tunings"
        self.page = ReportPage(
            title: title, subtitle: Self.subtitle(runs), summary: "\(Self.table(runs))\(Self.differences(runs))",
            figures: figures, appendix: "", damagedLines: runs.flatMap(\.damagedLines))
    }

    private static func table(_ runs: [ReportedFineTuning]) -> Markup {
        let names = ["Run", "Steps", "Parameters", "Demonstrations", "Held-out loss", "Minutes"]
        let rows = runs.enumerated().map { index, run -> Markup in
            let losses = run.heldOutLosses
            let ends = losses.count > 1 ? [losses[0], losses[losses.count - 1]] : losses
            let state = run.isFinished ? "" : " of \(run.plannedSteps), unfinished"
            let cells: [Markup] = [
                "\(Legend.swatch(FineTuningFigures.style(index))) \(run.name)", "\(run.stepsDone)\(state)",
                "\(run.settings["parameters"] ?? "-")", "\(run.settings["training"] ?? "-")",
                "\(ends.map { NumberText.fixed($0, decimals: 4) }.joined(separator: " \u{2192} "))",
                "\(NumberText.fixed(run.minutes, decimals: 1))",
            ]
            return "<tr>\(Markup(zip(names, cells).map { "<td data-name=\"\($0)\"><span>\($1)</span></td>" }))</tr>\n"
        }
        return """
            <div class="wide"><table><thead><tr>\(Markup(names.map { "<th>\($0)</th>" }))</tr></thead><tbody>
            \(Markup(rows))</tbody></table></div>
            <p class="quiet">Cross-entropy per response token of held-out demonstrations, in nats: before the first step \
            \u{2192} after the last that was looked at.</p>

            """
    }

    /// The settings in which the runs differ; nothing for one run.
    private static func differences(_ runs: [ReportedFineTuning]) -> Markup {
        let names = Set(runs.flatMap(\.settings.keys)).filter { name in Set(runs.map { $0.settings[name] }).count > 1 }
        guard !names.isEmpty else { return "" }
        let items = names.sorted().map { name -> Markup in
            let texts = runs.map { "\($0.settings[name] ?? "not set") (\($0.name))" }
            return "<li>\(name): \(texts.joined(separator: "; "))</li>\n"
        }
        return """
            <p>The runs differ in:</p>
            <ul>
            \(Markup(items))</ul>

            """
    }

    /// What the runs have in common.
    private static func subtitle(_ runs: [ReportedFineTuning]) -> String {
        func common(_ name: String, _ text: (String) -> String) -> String? {
            let values = Set(runs.map { $0.settings[name] })
            return values.count == 1 ? values.first.flatMap(\.self).map(text) : nil
        }
        return [
            common("data") { "demonstrations \($0)" }, common("batch") { "\($0) per step" },
            common("learning_rate") { "learning rate \($0)" }, common("schedule") { "\($0) schedule" },
            common("precision") { $0 }, common("seed") { "seed \($0)" },
        ].compactMap(\.self).joined(separator: ", ")
    }
}
