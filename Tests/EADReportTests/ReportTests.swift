import EADAlgorithms
import EADCore
import EADEvaluation
import EADSampling
import EADTelemetry
import EADTestKit
import Testing

@testable import EADReport

struct ReportTests {
    private func headings(_ report: Report) -> [String] { Document(report.page.html).texts(in: "h2") }

    @Test func everyFigureIsDrawnFromACompleteRun() {
        let report = Report(
            [Runs.run(seed: 1), Runs.run(seed: 2, algorithm: AlgorithmPreset.dapo.configuration)], samples: 0)
        #expect(report.page.omissions == [])
        #expect(
            report.page.figures.map(\.file) == [
                "01-schedule.svg", "02-held-out.svg", "03-entropy.svg", "04-algorithms.svg", "05-reward.svg",
                "06-length.svg", "07-temperature.svg", "08-throughput.svg", "09-importance.svg", "10-update.svg",
            ])
        #expect(self.headings(report).count == 10)
        #expect(!report.page.html.contains("<pre>"), "no samples were asked for")
    }

    /// A run that has just begun: numbers keep their place, and each missing figure says why.
    @Test func missingMetricsLeaveAFigureOutWithAReason() {
        let run = Runs.run(
            schedule: .constant(1), records: [Runs.event("started", at: 0), Runs.step(0, ["reward": 0.5])])
        let report = Report([run], samples: 3)
        #expect(report.page.figures.map(\.file) == ["05-reward.svg"])
        #expect(self.headings(report).count == 11)
        #expect(
            report.page.omissions.contains(
                "Figure 3 (entropy): Left out: no step record of these runs holds entropy or entropy_sampled."))
        #expect(
            report.page.omissions.contains(
                "Figure 1 (annealing schedule): Left out: every run samples at a constant temperature."))
        #expect(report.page.html.contains("No run has been evaluated on held-out problems yet."))
        #expect(report.page.html.contains("No run reports reward_std, pass_at_k, groups_with_advantage."))
        #expect(report.page.html.contains("of 4, unfinished"))
    }

    @Test func aMetricThatIsAlwaysZeroTakesASentenceInsteadOfAPanel() {
        let records = (0..<3).map { Runs.step($0, ["importance_mean": 0.9, "clip_fraction_low": 0]) }
        let figures = FigureMaker(Arm.group([Runs.run(records: records)])).figures
        #expect(figures[8].charts.map(\.title) == ["Mean importance weight, before truncation"])
        #expect(figures[8].caption.contains("Zero throughout: Clipped from below."))
    }

    @Test func aRunWithoutRecordsHasAPage() {
        let report = Report([Runs.run(records: [])], samples: 3)
        #expect(Document(report.page.html).fault == nil)
        #expect(report.page.figures.map(\.file) == ["01-schedule.svg"])
    }

    @Test func theTableShowsBeforeAndAfterWithTheirRanges() {
        let one = Document(Report([Runs.run(seed: 1)], samples: 0).page.html).texts(in: "td")
        #expect(one.contains("10.0 \u{2192} 40.05.0\u{2013}15.0 \u{2192} 35.0\u{2013}45.0"), "\(one)")
        let two = Document(Report([Runs.run(seed: 1), Runs.run(seed: 3)], samples: 0).page.html).texts(in: "td")
        #expect(two.contains("20.0 \u{2192} 50.010.0\u{2013}30.0 \u{2192} 40.0\u{2013}60.0"), "\(two)")
        #expect(two.contains("1.5"), "minutes")
    }

    @Test func samplesStandSideBySide() {
        func sample(_ problem: UInt64, _ text: String, greedy: Bool, reward: Double) -> ReportedSample {
            ReportedSample(
                problem: problem, isGreedy: greedy, reward: reward, prompt: "Q\(problem)", answer: "A\(problem)",
                response: text)
        }
        let run = Runs.run(samples: [
            0: [
                sample(7, "drawn", greedy: false, reward: 1), sample(7, "before", greedy: true, reward: 0),
                sample(9, "only before", greedy: true, reward: 0),
            ],
            2: [sample(7, "between", greedy: true, reward: 0)],
            4: [sample(7, "after", greedy: true, reward: 1)],
        ])
        let document = Document(Report([run], samples: 5).page.html)
        #expect(document.texts(in: "pre") == ["Q7", "before", "after"])
        let divisions = document.texts(in: "div")
        #expect(divisions.contains("step 0: wrong (reward 0)") && divisions.contains("step 4: right (reward 1)"))
        #expect(divisions.contains("right answer: A7"))
    }

    @Test func tokensOfTrainingRolloutsHaveTheColourOfTheirTemperature() {
        func rollout(_ problem: UInt64, _ tokens: [(String, Double)], reward: Double?) -> ReportedRollout {
            ReportedRollout(
                step: 20, problem: problem, reward: reward, prediction: reward.map { "\($0)" }, prompt: "Q\(problem)",
                tokens: tokens.map { ReportedRollout.Token(text: $0.0, temperature: $0.1) })
        }
        let run = Runs.run(rollouts: [
            rollout(8, [("hot", 1.2), ("", 1.1), (" cold", 0.2)], reward: 1), rollout(8, [("x", 0.7)], reward: nil),
            rollout(3, [("never shown", 9)], reward: 0),
        ])
        let document = Document(Report([run], samples: 1).page.html)
        #expect(document.fault == nil)
        #expect(document.texts(in: "pre") == ["Q8", "hot cold", "x"])
        let marks = document.elements.compactMap { $0.name == "span" ? $0.attributes : nil }.filter {
            $0["title"] != nil
        }
        #expect(marks.map { $0["class"] } == ["t4", "t0", "t2"])
        #expect(marks.map { $0["title"] } == ["temperature 1.2", "temperature 0.2", "temperature 0.7"])
        let divisions = document.texts(in: "div")
        #expect(divisions.contains("step 20, problem 8") && divisions.contains("reward 1, read as 1.0"))
        #expect(divisions.contains("without a score"))
        #expect(!Report([run], samples: 0).page.html.contains("Training rollouts"))
    }

    /// The changes of three problems: 1, 0 and 1 of greedy responses.
    @Test func anArmWithOneRunShowsTheChangeProblemByProblem() throws {
        func samples(_ rewards: [Double]) -> [ReportedSample] {
            rewards.enumerated().map { index, reward in
                ReportedSample(
                    problem: UInt64(index), isGreedy: true, reward: reward, prompt: "", answer: "", response: "")
            }
        }
        let kept = [0: samples([0, 1, 0]), 4: samples([1, 1, 1])] as [UInt64: [ReportedSample]]
        let change = try #require(Measure(\.greedyAccuracy).change(of: Runs.run(samples: kept), from: 0, to: 4))
        #expect(abs(change.mean - 200.0 / 3) < 1e-9 && change.low == 0 && change.high == 100)
        let cells = Document(Report([Runs.run(samples: kept)], samples: 0).page.html).texts(in: "td")
        #expect(cells.contains { $0.hasSuffix("+66.7: 0.0 to +100.0") }, "\(cells)")
        let others = Document(
            Report([Runs.run(samples: kept), Runs.run(seed: 2, samples: kept)], samples: 0).page.html)
        #expect(!others.texts(in: "td").contains { $0.contains(" to ") })
    }

    @Test func finishedRunsOfUnequalLengthAreFinished() {
        let long = Runs.run("b", seed: 2, records: Runs.records(reward: 0.2) + [Runs.step(4, at: 91, [:])])
        let early = Runs.run("c", seed: 3, records: [Runs.event("started", at: 0), Runs.step(0, [:])])
        func cells(_ runs: [ReportedRun]) -> [String] { Document(Report(runs, samples: 0).page.html).texts(in: "td") }
        // Finished, and started once more to be looked at.
        let again = Runs.run("a", records: Runs.records(reward: 0.1) + [Runs.event("started", at: 95)])
        #expect(again.isFinished && !long.isFinished)
        #expect(cells([again, Runs.run("d", seed: 4)]).contains { $0.hasPrefix("4") && !$0.contains("unfinished") })
        #expect(cells([again, early]).contains { $0.hasPrefix("1\u{2013}4unfinished: 1 of 4") })
    }

    @Test func differencesThatNoUpdateDependsOnAreNamed() {
        let html = Report(
            [
                Runs.run("a", settings: ["evaluation.samples": "8", "nodes.controller.endpoint": "here"]),
                Runs.run("b", seed: 2, settings: ["evaluation.samples": "64", "run.seed": "2"]),
            ], samples: 0
        ).page.html
        #expect(Document(html).texts(in: "li") == ["evaluation.samples: 64 (b); 8 (a)"])
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
