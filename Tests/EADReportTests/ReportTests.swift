import EADAlgorithms
import EADCore
import EADSampling
import EADTestKit
import Testing

@testable import EADReport

struct ReportTests {
    private func headings(_ report: Report) -> [String] { Document(report.html).texts(in: "h2") }

    @Test func everyFigureIsDrawnFromACompleteRun() {
        let report = Report(
            [Runs.run(seed: 1), Runs.run(seed: 2, algorithm: AlgorithmPreset.dapo.configuration)], samples: 0)
        #expect(report.omissions == [])
        #expect(
            report.figures.map(\.file) == [
                "01-schedule.svg", "02-held-out.svg", "03-entropy.svg", "04-algorithms.svg", "05-reward.svg",
                "06-length.svg", "07-temperature.svg", "08-throughput.svg", "09-importance.svg", "10-update.svg",
            ])
        #expect(self.headings(report).count == 10)
        #expect(!report.html.contains("<pre>"), "no samples were asked for")
    }

    /// A run that has just begun: numbers keep their place, and each missing figure says why.
    @Test func missingMetricsLeaveAFigureOutWithAReason() {
        let run = Runs.run(
            schedule: .constant(1), records: [Runs.event("started", at: 0), Runs.step(0, ["reward": 0.5])])
        let report = Report([run], samples: 3)
        #expect(report.figures.map(\.file) == ["05-reward.svg"])
        #expect(self.headings(report).count == 11)
        #expect(
            report.omissions.contains(
                "Figure 3 (entropy): Left out: no step record of these runs holds entropy or entropy_sampled."))
        #expect(
            report.omissions.contains(
                "Figure 1 (annealing schedule): Left out: every run samples at a constant temperature."))
        #expect(report.html.contains("No run has been evaluated on held-out problems yet."))
        #expect(report.html.contains("No run reports reward_std, pass_at_k, groups_with_advantage."))
        #expect(report.html.contains("of 4, unfinished"))
    }

    @Test func aMetricThatIsAlwaysZeroTakesASentenceInsteadOfAPanel() {
        let records = (0..<3).map { Runs.step($0, ["importance_mean": 0.9, "clip_fraction_low": 0]) }
        let figures = FigureMaker(Arm.group([Runs.run(records: records)])).figures
        #expect(figures[8].charts.map(\.title) == ["Mean importance weight, before truncation"])
        #expect(figures[8].caption.contains("Zero throughout: Clipped from below."))
    }

    @Test func aRunWithoutRecordsHasAPage() {
        let report = Report([Runs.run(records: [])], samples: 3)
        #expect(Document(report.html).fault == nil)
        #expect(report.figures.map(\.file) == ["01-schedule.svg"])
    }

    @Test func theTableShowsBeforeAndAfterWithTheirRanges() {
        let one = Document(Report([Runs.run(seed: 1)], samples: 0).html).texts(in: "td")
        #expect(one.contains("10.0 \u{2192} 40.05.0\u{2013}15.0 \u{2192} 35.0\u{2013}45.0"), "\(one)")
        let two = Document(Report([Runs.run(seed: 1), Runs.run(seed: 3)], samples: 0).html).texts(in: "td")
        #expect(two.contains("20.0 \u{2192} 50.010.0\u{2013}30.0 \u{2192} 40.0\u{2013}60.0"), "\(two)")
        #expect(two.contains("1.5"), "minutes")
    }

    @Test func samplesStandSideBySide() {
        func sample(_ problem: UInt64, _ text: String, greedy: Bool, reward: Double) -> ReportedSample {
            ReportedSample(problem: problem, isGreedy: greedy, reward: reward, prompt: "Q\(problem)", response: text)
        }
        let run = Runs.run(samples: [
            0: [
                sample(7, "drawn", greedy: false, reward: 1), sample(7, "before", greedy: true, reward: 0),
                sample(9, "only before", greedy: true, reward: 0),
            ],
            2: [sample(7, "between", greedy: true, reward: 0)],
            4: [sample(7, "after", greedy: true, reward: 1)],
        ])
        let document = Document(Report([run], samples: 5).html)
        #expect(document.texts(in: "pre") == ["Q7", "before", "after"])
        let divisions = document.texts(in: "div")
        #expect(divisions.contains("step 0: wrong (reward 0)") && divisions.contains("step 4: right (reward 1)"))
    }

    @Test func otherDifferencesOfTheRunsAreNamed() {
        let html = Report(
            [
                Runs.run("a", settings: ["training.learning_rate": "1e-05", "nodes.controller.endpoint": "here"]),
                Runs.run("b", seed: 2, settings: ["training.learning_rate": "2e-05", "run.seed": "2"]),
            ], samples: 0
        ).html
        #expect(Document(html).texts(in: "li") == ["training.learning_rate: 1e-05 (a); 2e-05 (b)"])
    }

    /// Twelve arms: a panel per algorithm, so that none has more than four lines.
    @Test func manyArmsAreSplitByAlgorithm() throws {
        let algorithms: [AlgorithmPreset] = [.grpo, .dapo, .klCov]
        let runs = algorithms.flatMap { preset in
            [Runs.ead, .constant(0.6), .constant(1), .constant(1.2)].map {
                Runs.run(schedule: $0, algorithm: preset.configuration)
            }
        }
        let figures = FigureMaker(Arm.group(runs)).figures
        #expect(figures[1].charts.count == 12)
        #expect(figures[1].charts.allSatisfy { $0.series.count == 4 && $0.labels == .atEnds })
        #expect(Set(figures[3].charts.map(\.yRange)).count == 1, "panels to compare have one axis")
        let arms = Arm.group(runs)
        #expect(Set(arms.map(\.style)).count == 4)
    }

    @Test func nothingIsDrawnOutsideItsPanel() {
        let runs = (1...3).flatMap { seed in
            [Runs.run(seed: seed), Runs.run(seed: seed, schedule: .constant(1))]
        }
        for figure in FigureMaker(Arm.group(runs)).figures {
            for drawing in figure.drawings {
                let document = Document("<svg>\(drawing.elements.source)</svg>")
                #expect(document.fault == nil)
                for (name, attributes) in document.elements {
                    let x = (attributes["cx"] ?? attributes["x"]).flatMap { Double($0) } ?? 0
                    let y = (attributes["cy"] ?? attributes["y"]).flatMap { Double($0) } ?? 0
                    #expect((0...ChartDrawing.width).contains(x) && (0...ChartDrawing.height).contains(y), "\(name)")
                }
            }
        }
    }
}
