import EADEvaluation
import EADTelemetry

/// The table a report begins with: what each arm reached.
struct ArmTable {
    let markup: Markup

    init(_ arms: [Arm], samples: Int?) {
        var scores = [Measure(\.greedyAccuracy), Measure(\.sampledMean)]
        if let samples {
            scores += [Measure(\.passAt, samples), Measure(\.worstAt, samples)]
        }
        // Only what some run was scored by.
        scores = scores.filter { score in arms.contains { $0.runs.contains { !score.values(of: $0).isEmpty } } }
        let names = ["Arm", "Runs", "Steps"] + scores.map { $0.title } + ["Minutes"]
        let rows = arms.map { arm -> Markup in
            let cells =
                [Self.name(arm), Self.runs(arm), Self.steps(arm)] + scores.map { Self.score($0, arm) }
                + [Self.minutes(arm)]
            return "<tr>\(Markup(zip(names, cells).map { "<td data-name=\"\($0)\"><span>\($1)</span></td>" }))</tr>\n"
        }
        let header = Markup(names.map { "<th>\($0)</th>" })
        self.markup = """
            <div class="wide"><table><thead><tr>\(header)</tr></thead><tbody>
            \(Markup(rows))</tbody></table></div>
            <p class="quiet">\(Self.note(arms, scores))</p>

            """
    }

    private static func note(_ arms: [Arm], _ scores: [Measure]) -> String {
        guard !scores.isEmpty else { return "No run has been evaluated on held-out problems yet." }
        var sentences = ["Held-out accuracy in per cent, first evaluation \u{2192} last that all runs of the arm have."]
        if arms.contains(where: { $0.runs.count > 1 }) {
            sentences.append("With several runs: their mean, and below it the smallest and largest run.")
        }
        if arms.contains(where: { $0.runs.count == 1 }) {
            sentences.append("With one run, below: 95 % bootstrap intervals over problems.")
            sentences.append(
                "Below those, the change with the interval of a paired comparison, problem by problem, where both "
                    + "evaluations left their responses.")
        }
        let problems = Set(
            arms.flatMap(\.runs).flatMap { $0.evaluations.values.compactMap { $0[\.evaluatedProblems] } })
        if problems.count == 1, let count = problems.first {
            sentences.append("Each evaluation has \(NumberText.short(count)) problems.")
        }
        if Set(arms.compactMap { $0.evaluatedSteps?.last }).count > 1 {
            sentences.append("The arms were last scored at different steps.")
        }
        return sentences.joined(separator: " ")
    }

    private static func name(_ arm: Arm) -> Markup {
        "\(Legend.swatch(arm.style)) \(arm.fullLabel)"
    }

    private static func runs(_ arm: Arm) -> Markup {
        let seeds = arm.runs.map { "\($0.seed)" }
        let list =
            seeds.count > 6 ? seeds.prefix(5).joined(separator: ", ") + ", \u{2026}" : seeds.joined(separator: ", ")
        return "\(arm.runs.count)<span class=\"quiet range\">\(arm.runs.count > 1 ? "seeds" : "seed") \(list)</span>"
    }

    private static func steps(_ arm: Arm) -> Markup {
        let done = Set(arm.runs.map(\.stepsDone)).sorted()
        let text = done.count > 1 ? "\(done[0])\u{2013}\(done[done.count - 1])" : "\(done.first ?? 0)"
        var remarks: [Markup] = []
        let unfinished = arm.runs.filter { !$0.isFinished }
        if unfinished.count == arm.runs.count, Set(unfinished.map(\.plannedSteps)).count == 1 {
            remarks.append("<span class=\"quiet\">of \(unfinished[0].plannedSteps), unfinished</span>")
        } else if !unfinished.isEmpty {
            let which = unfinished.map { "\($0.stepsDone) of \($0.plannedSteps)" }.joined(separator: ", ")
            remarks.append("<span class=\"quiet\">unfinished: \(which)</span>")
        }
        if let scored = arm.evaluatedSteps, scored.first != 0 || Int(scored.last) != done.last {
            let steps = Set([scored.first, scored.last]).sorted().map { "\($0)" }.joined(separator: " and ")
            remarks.append("<span class=\"quiet\">scored at \(steps)</span>")
        }
        return "\(text)\(Markup(remarks))"
    }

    private static func score(_ measure: Measure, _ arm: Arm) -> Markup {
        guard let steps = arm.evaluatedSteps else { return "\u{2013}" }
        let ends = steps.first == steps.last ? [steps.first] : [steps.first, steps.last]
        let summaries = ends.compactMap { step -> (mean: String, range: String)? in
            let values = arm.runs.compactMap { measure.values(of: $0)[step] }.filter(\.isFinite)
            guard values.count == arm.runs.count, let low = values.min(), let high = values.max() else { return nil }
            let mean = NumberText.fixed(values.reduce(0, +) / Double(values.count), decimals: 1)
            var range: ClosedRange<Double>? = low...high
            if arm.runs.count == 1 { range = measure.interval(of: arm.runs[0], at: step) }
            return (
                mean,
                range.map {
                    NumberText.fixed($0.lowerBound, decimals: 1) + "\u{2013}"
                        + NumberText.fixed($0.upperBound, decimals: 1)
                } ?? ""
            )
        }
        guard summaries.count == ends.count else { return "\u{2013}" }
        let arrow = " \u{2192} "
        let ranges = summaries.map(\.range)
        let below: Markup =
            ranges.contains("") ? "" : "<span class=\"quiet range\">\(ranges.joined(separator: arrow))</span>"
        return "\(summaries.map(\.mean).joined(separator: arrow))\(below)\(Self.change(of: measure, arm, steps))"
    }

    /// By how much the run of an arm changed between two evaluations of the same problems, and the interval of that.
    private static func change(of measure: Measure, _ arm: Arm, _ steps: (first: UInt64, last: UInt64)) -> Markup {
        guard arm.runs.count == 1, steps.first < steps.last,
            let change = measure.change(of: arm.runs[0], from: steps.first, to: steps.last)
        else { return "" }
        let ends = [change.low, change.high].map { NumberText.signed($0, decimals: 1) }
        return """
            <span class="quiet range">\(NumberText.signed(change.mean, decimals: 1)): \(ends[0]) to \(ends[1])</span>
            """
    }

    private static func minutes(_ arm: Arm) -> Markup {
        let minutes = arm.runs.map(\.minutes)
        guard let low = minutes.min(), let high = minutes.max() else { return "\u{2013}" }
        let texts = [low, high].map { NumberText.fixed($0, decimals: $0 < 100 ? 1 : 0) }
        return texts[0] == texts[1] ? "\(texts[0])" : "\(texts[0])\u{2013}\(texts[1])"
    }
}
