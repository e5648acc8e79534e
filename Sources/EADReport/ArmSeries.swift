/// One metric of an arm over steps.
///
/// The line is the mean over the arm's runs and the band goes from the smallest to the largest of them, at the steps
/// that every run has. With one run the line is the run, and the band its own interval, where the metric has one.
struct ArmSeries {
    /// Above this number of points in a panel, only lines and bands are drawn.
    static let mostPoints = 900

    let series: Series

    init(
        _ arm: Arm, values: (ReportedRun) -> [UInt64: Double], interval: (ReportedRun, UInt64) -> ClosedRange<Double>?,
        pointsAreLarge: Bool, showsPoints: Bool, unit: String
    ) {
        let columns = arm.runs.map(values)
        var series = Series(label: arm.label, style: arm.style, pointsAreLarge: pointsAreLarge)
        let common = columns.dropFirst().reduce(Set(columns.first?.keys ?? [:].keys)) { $0.intersection($1.keys) }
        for step in common.sorted() {
            let all = columns.compactMap { $0[step] }
            series.line.append(Series.Point(x: Double(step), y: all.reduce(0, +) / Double(all.count)))
            if all.count > 1, let low = all.min(), let high = all.max() {
                // Where a run has no number, no band can say how far the runs are apart.
                let isWhole = all.allSatisfy(\.isFinite)
                let (low, high) = isWhole ? (low, high) : (.nan, .nan)
                series.band.append(Series.Extent(x: Double(step), low: low, high: high))
            } else if let run = arm.runs.first, let range = interval(run, step) {
                series.band.append(Series.Extent(x: Double(step), low: range.lowerBound, high: range.upperBound))
            }
        }
        for (run, column) in zip(arm.runs, columns) {
            for (step, value) in column.sorted(by: { $0.key < $1.key }) {
                // A line through a single run already goes through its values.
                guard pointsAreLarge || arm.runs.count > 1 || common.count == 1 else { continue }
                guard showsPoints || !common.contains(step) else { continue }
                let text = [NumberText.short(value), unit].filter { !$0.isEmpty }.joined(separator: " ")
                series.points.append(
                    Series.Point(x: Double(step), y: value, note: "\(run.name), step \(step): \(text)"))
            }
        }
        // A line of one place shows nothing.
        if series.line.count == 1 { series.pointsAreLarge = true }
        self.series = series
    }
}
