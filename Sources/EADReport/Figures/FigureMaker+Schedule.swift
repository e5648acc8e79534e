import EADCore
import EADSampling

extension FigureMaker {
    /// Figure 1: the temperature of each response position as the schedules of the runs have it at several steps.
    var scheduleFigure: Figure {
        let (name, title) = ("schedule", "Annealing schedule")
        var seen: Set<TemperatureSchedule> = []
        let distinct = self.arms.filter { seen.insert($0.runs[0].schedule).inserted }
        let annealed = distinct.filter { $0.runs[0].schedule.isAnnealed }
        let constants: [(label: String, temperature: Double)] = distinct.compactMap { arm in
            guard case .constant(let temperature) = arm.runs[0].schedule else { return nil }
            return (Arm.name(of: .constant(temperature)), Double(temperature))
        }.sorted { $0.temperature > $1.temperature }
        guard !annealed.isEmpty else {
            let caption = "Left out: every run samples at a constant temperature."
            return Figure(number: 1, name: name, title: title, caption: caption, charts: [])
        }
        let charts = annealed.map { arm in
            self.scheduleChart(arm, of: annealed.count, with: constants)
        }
        var caption =
            "Temperature at each response position, computed from the settings, at the first step, the last and three "
            + "between; d is the decay d_s in tokens."
        if !constants.isEmpty { caption += " Dashed: the constant temperatures of other arms." }
        return Figure(number: 1, name: name, title: title, caption: caption, charts: charts)
    }

    private func scheduleChart(
        _ arm: Arm, of count: Int, with constants: [(label: String, temperature: Double)]
    ) -> Chart {
        let schedule = arm.runs[0].schedule
        let lastStep = max(arm.runs.map(\.plannedSteps).max() ?? 0, 1) - 1
        let steps = Self.spread(over: lastStep).filter {
            // Curves that are the same curve are drawn once.
            $0 == 0 || !schedule.isSame(at: $0, as: 0)
        }
        let length = max(arm.runs.map(\.maxTokens).max() ?? 1, 2)
        let shown = Self.visibleLength(schedule, steps: steps, length: length)
        let positions = Set(stride(from: 0, to: shown, by: max(1, shown / 200))).union([shown - 1]).sorted()
        var series = steps.enumerated().map { index, step in
            let decay = schedule.decay(at: GlobalStep(step)).map { ", d \(NumberText.short($0))" } ?? ""
            return Series(
                label: "s \(step)\(decay)", style: .ramp(steps.count > 1 ? Double(index) / Double(steps.count - 1) : 0),
                line: positions.map { position in
                    Series.Point(
                        x: Double(position),
                        y: Double(schedule.temperature(at: position, step: GlobalStep(step))))
                })
        }
        series += constants.map { constant in
            Series(
                label: constant.label, style: .reference,
                line: [0, Double(shown - 1)].map { Series.Point(x: $0, y: constant.temperature) })
        }
        return Chart(
            title: count > 1 ? "Temperature, \(arm.schedule)" : "Temperature", xTitle: "response position (tokens)",
            xRange: 0...Double(shown - 1), series: series, labels: .listed)
    }

    /// The first step, the last, and up to three between.
    private static func spread(over last: Int) -> [UInt64] {
        Set((0...4).map { UInt64((Double(last) * Double($0) / 4).rounded()) }).sorted()
    }

    /// Positions up to where all curves are flat, and some more; all of them if they never are.
    private static func visibleLength(_ schedule: TemperatureSchedule, steps: [UInt64], length: Int) -> Int {
        let ends = steps.map { schedule.temperature(at: length - 1, step: GlobalStep($0)) }
        var low = 0
        for (step, end) in zip(steps, ends) {
            let last = (0..<length).last { abs(schedule.temperature(at: $0, step: GlobalStep(step)) - end) > 0.005 }
            low = max(low, last ?? 0)
        }
        return max(2, min(length, low + low / 6 + 2))
    }
}

extension TemperatureSchedule {
    var isAnnealed: Bool {
        if case .annealed = self { true } else { false }
    }

    /// Whether the curves of two steps have the same decay and start.
    fileprivate func isSame(at step: UInt64, as other: UInt64) -> Bool {
        self.decay(at: GlobalStep(step)) == self.decay(at: GlobalStep(other))
            && [0, 1, 10, 100, 1000].allSatisfy {
                self.temperature(at: $0, step: GlobalStep(step)) == self.temperature(at: $0, step: GlobalStep(other))
            }
    }
}
