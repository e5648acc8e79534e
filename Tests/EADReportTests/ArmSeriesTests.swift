import EADCore
import EADTelemetry
import EADTestKit
import Foundation
import Testing

@testable import EADReport

struct ArmSeriesTests {
    private func series(_ runs: [ReportedRun], _ measure: Measure, showsPoints: Bool = true) -> Series {
        ArmSeries(
            Arm.group(runs)[0], values: measure.values, interval: measure.interval,
            pointsAreLarge: measure.isEvaluated, showsPoints: showsPoints, unit: measure.unit
        ).series
    }

    private func run(_ seed: UInt64, _ rewards: [Double]) -> ReportedRun {
        Runs.run(
            "run-\(seed)", seed: seed,
            records: rewards.enumerated().map { Runs.step(UInt64($0), ["reward": $1]) })
    }

    @Test func severalRunsGiveTheirMeanAndTheirExtremes() {
        let series = self.series(
            [self.run(1, [1, 2]), self.run(2, [3, 6]), self.run(3, [2, 4])], Measure(\.reward))
        #expect(series.line.map(\.y) == [2, 4])
        #expect(series.band.map(\.low) == [1, 2] && series.band.map(\.high) == [3, 6])
        #expect(series.points.map(\.y) == [1, 2, 3, 6, 2, 4])
        #expect(series.points[1].note == "run-1, step 1: 2")
    }

    @Test func aRunWithoutANumberInterruptsLineAndBand() throws {
        let runs = [self.run(1, [1, 1, .nan, 1, 1]), self.run(2, [2, 2, 2, 2, 2])]
        let series = self.series(runs, Measure(\.reward))
        #expect(series.line[2].y.isNaN && series.band[2].low.isNaN && series.band[2].high.isNaN)
        let drawing = try #require(ChartDrawing(Chart(title: "", xRange: 0...4, series: [series])))
        #expect(drawing.elements.source.components(separatedBy: "class=\"band\"").count == 3)
        let figure = FigureMaker(Arm.group(runs)).figures[4]
        #expect(figure.caption.contains("Gaps: NaN or infinite in some run."))
    }

    /// A mean whose runs change on the way would jump.
    @Test func theLineEndsWhereARunEnds() {
        let series = self.series([self.run(1, [1, 2, 3]), self.run(2, [3])], Measure(\.reward), showsPoints: false)
        #expect(series.line.map(\.x) == [0] && series.band.map(\.x) == [0])
        #expect(series.points.map(\.x) == [1, 2], "what the line leaves out is shown in any case")
    }

    @Test func oneRunHasItsOwnInterval() {
        let run = Runs.run(records: [
            Runs.evaluation(0, ["mean": 0.5, "mean_low": 0.25, "mean_high": 0.75]), Runs.evaluation(4, ["mean": 0.75]),
        ])
        let series = self.series([run], Measure(\.sampledMean))
        #expect(series.line.map(\.y) == [50, 75])
        #expect(series.band == [Series.Extent(x: 0, low: 25, high: 75)])
        #expect(series.points.map(\.note) == ["quickstart, step 0: 50 %", "quickstart, step 4: 75 %"])
    }

    @Test func whatIsNotANumberIsNotDrawn() throws {
        let series = self.series([self.run(1, [1, 2, .nan, 4, 5, .infinity, 7])], Measure(\.reward))
        let chart = Chart(title: "", xRange: 0...6, series: [series])
        #expect(chart.yRange == 1...7)
        let drawing = try #require(ChartDrawing(chart)).elements.source
        #expect(!drawing.contains("nan") && !drawing.contains("inf"))
        let line = try #require(drawing.split(separator: "\n").first { $0.contains("class=\"line\"") })
        #expect(line.filter { $0 == "M" }.count == 2, "the lines before and after the gap: \(line)")
        #expect(ChartDrawing(Chart(title: "", xRange: 0...1, series: [])) == nil)
    }
}
