extension FigureMaker {
    /// Figure 7: the temperatures that responses were drawn at, a panel per annealed arm.
    func temperatureFigure(_ number: Int) -> Figure {
        let (name, title) = ("temperature", "Temperature by position")
        let prefix = "temperature_at_"
        let annealed = self.arms.filter { $0.runs[0].schedule.isAnnealed }
        guard !annealed.isEmpty else {
            let caption = "Left out: every run samples at a constant temperature."
            return Figure(number: number, name: name, title: title, caption: caption, charts: [])
        }
        let charts = annealed.compactMap { arm -> Chart? in
            let names = Set(arm.runs.flatMap { $0.steps.values.flatMap(\.keys) })
            let positions = Self.some(names.compactMap { Self.suffix(of: $0, after: prefix) }.sorted())
            guard !positions.isEmpty else { return nil }
            let series = positions.enumerated().map { index, position in
                let measure = Measure.plain("\(prefix)\(position)", "")
                var series = ArmSeries(
                    arm, values: measure.values, interval: { _, _ in nil }, pointsAreLarge: false, showsPoints: false,
                    unit: ""
                ).series
                series.label = "t \(position)"
                series.style = .ramp(positions.count > 1 ? Double(index) / Double(positions.count - 1) : 0)
                return series
            }
            return Chart(
                title: annealed.count > 1 ? "Temperature, \(arm.label)" : "Temperature", xRange: self.xRange,
                series: series, labels: .atEnds)
        }
        guard !charts.isEmpty else {
            let caption = "Left out: no step record of these runs holds \(prefix)0, \(prefix)1 and so on."
            return Figure(number: number, name: name, title: title, caption: caption, charts: [])
        }
        return Figure(
            number: number, name: name, title: title,
            caption:
                "Mean temperature over steps at which the responses of the step were drawn, at response position t "
                + "(from 0), over the responses that reach it. " + self.reading([]),
            charts: charts)
    }

    /// At most six of them, the first and the last included.
    private static func some(_ positions: [Int]) -> [Int] {
        let most = SeriesStyle.rampColours
        guard positions.count > most else { return positions }
        return (0..<most).map {
            positions[Int((Double(positions.count - 1) * Double($0) / Double(most - 1)).rounded())]
        }
    }
}
