/// Makes the figures of a report from its arms.
struct FigureMaker {
    let arms: [Arm]

    init(_ arms: [Arm]) { self.arms = arms }

    /// All figures in order, with the reason for each that has no panels.
    var figures: [Figure] {
        [self.scheduleFigure, self.accuracyFigure, self.entropyFigure, self.algorithmFigure]
            + self.plainFigures(from: 5)
    }

    /// From step 0 to the last step any run has reached.
    var xRange: ClosedRange<Double> {
        let last = self.arms.flatMap(\.runs).flatMap { [$0.steps.keys.max() ?? 0, $0.evaluations.keys.max() ?? 0] }
            .max()
        return 0...Double(max(last ?? 0, 1))
    }

    /// The panels of a metric: one, or one per algorithm where there are too many arms for one.
    private func charts(_ measure: Measure) -> [Chart] {
        guard self.isSplit else {
            return [measure.chart(self.arms, xRange: self.xRange, labels: self.labels)].compactMap(\.self)
        }
        return self.chartsByAlgorithm(measure)
    }

    /// A panel per algorithm, on the same axes.
    func chartsByAlgorithm(_ measure: Measure) -> [Chart] {
        let panels = self.algorithms.compactMap { algorithm in
            let arms = self.arms.filter { $0.algorithm == algorithm }.map { arm in
                var arm = arm
                arm.label = self.hasManySchedules ? arm.schedule : ""
                if !self.isSplit { arm.style = arm.style.withoutDashes }
                return arm
            }
            var chart = measure.chart(arms, xRange: self.xRange, labels: self.scheduleLabels)
            chart?.title = "\(measure.title), \(algorithm)"
            return chart
        }
        let values = panels.flatMap(\.series).flatMap(\.values)
        return panels.map { chart in
            var chart = chart
            chart.alsoCovers = values
            return chart
        }
    }

    var algorithms: [String] { Self.unique(self.arms.map(\.algorithm)) }
    private var hasManySchedules: Bool { Self.unique(self.arms.map(\.schedule)).count > 1 }
    private var isSplit: Bool { self.arms.count > Arm.mostInOnePanel && self.algorithms.count > 1 }

    /// Where the arms of a panel with all of them are named: at the ends of their lines if their names fit there.
    private var labels: Chart.Labels { Self.labels(self.arms.map(\.label)) }
    private var scheduleLabels: Chart.Labels {
        self.hasManySchedules ? Self.labels(Self.unique(self.arms.map(\.schedule))) : .none
    }

    private static func labels(_ names: [String]) -> Chart.Labels {
        let fit = names.count <= Arm.mostInOnePanel && names.allSatisfy { TextWidth.ems($0) <= Chart.widestEndLabel }
        return fit && names.contains { !$0.isEmpty } ? .atEnds : .none
    }

    /// The names of all arms, where the panels do not have them.
    private var legend: [Figure.Entry] {
        if self.isSplit { return self.scheduleLegend }
        guard self.arms.count > 1, self.labels == .none else { return [] }
        return self.arms.map { Figure.Entry(label: $0.label, style: $0.style) }
    }

    /// The names of the schedules, where panels per algorithm do not have them.
    var scheduleLegend: [Figure.Entry] {
        guard self.hasManySchedules, self.scheduleLabels == .none else { return [] }
        var seen: Set<String> = []
        return self.arms.filter { seen.insert($0.schedule).inserted }.map {
            Figure.Entry(label: $0.schedule, style: self.isSplit ? $0.style : $0.style.withoutDashes)
        }
    }

    private static func unique(_ names: [String]) -> [String] {
        names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// A figure with a panel per metric.
    func figure(_ number: Int, _ name: String, _ title: String, _ caption: String, _ measures: [Measure]) -> Figure {
        let pairs = measures.map { ($0, self.charts($0)) }
        let absent = pairs.filter(\.1.isEmpty).map(\.0.name)
        // A line along the axis says no more than a sentence.
        let drawn = pairs.filter { pair in pair.1.contains { $0.yRange != 0...0 } }
        let zero = pairs.filter { pair in !pair.1.isEmpty && pair.1.allSatisfy { $0.yRange == 0...0 } }.map(\.0.title)
        let charts = (drawn.isEmpty ? pairs : drawn).flatMap(\.1)
        guard !charts.isEmpty else {
            return Figure(number: number, name: name, title: title, caption: Self.absence(measures), charts: [])
        }
        var sentences = [caption, self.reading(measures)]
        if !drawn.isEmpty, !zero.isEmpty { sentences.append("Zero throughout: \(zero.joined(separator: ", ")).") }
        if measures.contains(where: self.hasGaps) { sentences.append("Gaps: NaN or infinite in some run.") }
        if !absent.isEmpty { sentences.append("No run reports \(absent.joined(separator: ", ")).") }
        let silent = self.arms.filter { arm in
            !measures.contains { measure in arm.runs.contains { !measure.values(of: $0).isEmpty } }
        }
        if !silent.isEmpty { sentences.append("Without values: \(silent.map(\.label).joined(separator: "; ")).") }
        return Figure(
            number: number, name: name, title: title,
            caption: sentences.filter { !$0.isEmpty }.joined(separator: " "), charts: charts,
            legend: self.legend)
    }

    private func hasGaps(_ measure: Measure) -> Bool {
        self.arms.contains { $0.runs.contains { measure.values(of: $0).values.contains { !$0.isFinite } } }
    }

    /// Why a figure of these metrics is left out.
    static func absence(_ measures: [Measure]) -> String {
        let places = measures.allSatisfy(\.isEvaluated) ? "evaluation" : "step"
        let names = measures.map(\.name)
        let list =
            names.count > 1 ? names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1] : names[0]
        return "Left out: no \(places) record of these runs holds \(list)."
    }

    /// What line, band and points are; without measures, of panels that have no points.
    func reading(_ measures: [Measure]) -> String {
        let several = self.arms.contains { $0.runs.count > 1 }
        let single = self.arms.contains { $0.runs.count == 1 }
        let evaluated = measures.contains { measure in
            self.arms.contains { arm in
                arm.runs.count == 1
                    && arm.runs.contains { run in
                        run.evaluations.keys.contains { measure.interval(of: run, at: $0) != nil }
                    }
            }
        }
        var sentences: [String] = []
        if several {
            sentences.append("Line: mean over the runs of an arm. Band: smallest to largest run.")
            let hasPoints = measures.contains { measure in
                let counts = self.arms.flatMap(\.runs).map { measure.values(of: $0).count }
                return counts.reduce(0, +) <= ArmSeries.mostPoints
            }
            if hasPoints { sentences.append("Points: single runs.") }
        }
        if single, evaluated {
            let whose = several ? "Band of an arm with one run" : "Band"
            sentences.append("\(whose): 95 % bootstrap interval over problems.")
        }
        return sentences.joined(separator: " ")
    }
}
