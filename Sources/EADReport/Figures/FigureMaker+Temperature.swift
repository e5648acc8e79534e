import EADCore
import EADTelemetry

extension FigureMaker {
    /// Figure 7: the temperatures that responses were drawn at, a panel per annealed arm.
    func temperatureFigure(_ number: Int) -> Figure {
        let (name, title) = ("temperature", "Temperature by position")
        let annealed = self.arms.filter { $0.runs[0].schedule.isAnnealed }
        guard !annealed.isEmpty else {
            let caption = "Left out: every run samples at a constant temperature."
            return Figure(number: number, name: name, title: title, caption: caption, charts: [])
        }
        let charts = annealed.compactMap { arm -> Chart? in
            let all = Set(arm.runs.flatMap { $0.steps.values.flatMap { $0.numbers(of: \.temperatureAt) } })
            let positions = Self.some(all.sorted())
            guard !positions.isEmpty else { return nil }
            let series = positions.enumerated().map { index, position in
                let measure = Measure(\.temperatureAt, position)
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
            let names = [0, 1].map { MetricCatalogue.shared.temperatureAt[$0].key.name }
            let caption = "Left out: no step record of these runs holds \(names[0]), \(names[1]) and so on."
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
