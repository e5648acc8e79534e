import EADCore
import EADMessages
import Testing

@testable import EADOperations

struct ProgressViewTests {
    private let transcript = Transcript()

    private func view(width: Int? = nil) -> ProgressView {
        ProgressView(terminal: self.transcript.terminal(width: width))
    }

    @Test func aStepIsALineUnderOneHeading() {
        var view = self.view()
        view.show(Samples.status(step: 1, steps: [Samples.step(0)]))
        view.show(Samples.status(step: 2, steps: [Samples.step(0), Samples.step(1, seconds: 4)]))
        let lines = self.transcript.lines
        #expect(lines.count == 3, "\(lines)")
        #expect(lines[0].contains("reward  pass@k"))
        #expect(lines[1].hasPrefix("   1/40   0.250   0.500") && lines[1].hasSuffix("2.0  1 min 18 s"), "\(lines[1])")
        // What is left is told by the mean of the last steps; what was not measured is a dash.
        #expect(lines[2].contains("   -") && lines[2].hasSuffix("4.0  1 min 54 s"), "\(lines[2])")
        #expect(view.nextStep == GlobalStep(2) && view.lastReport?.step == GlobalStep(1))
    }

    @Test func anEvaluationIsShownOnceAndAgainAfterTheRunWentBack() {
        var view = self.view()
        view.show(Samples.status(step: 5, evaluations: [Samples.evaluation(4)]))
        view.show(Samples.status(step: 5, evaluations: [Samples.evaluation(4), Samples.evaluation(4, samples: 64)]))
        #expect(self.transcript.lines.count == 2)
        view.show(Samples.status(step: 3))
        view.show(Samples.status(step: 4, evaluations: [Samples.evaluation(4)]))
        #expect(self.transcript.lines.count == 3 && view.evaluations.map(\.samples) == [4])
        #expect(
            self.transcript.lines[2]
                == "held-out, policy 4: greedy 10.0 %, mean 50.0 %, pass@4 75.0 % of 10 problems")
    }

    @Test func whatIsWrongIsSaidOnceAsLongAsItLasts() {
        var view = self.view()
        var status = Samples.status()
        for troubles in [[], ["nobody learns"], ["nobody learns"], [], ["nobody learns"]] {
            status.troubles = troubles
            view.show(status)
        }
        #expect(self.transcript.lines == ["warning: nobody learns", "warning: nobody learns"])
    }

    @Test func onATerminalALineLives() {
        var view = self.view(width: 118)
        view.show(Samples.status(waitingFor: "a worker"))
        #expect(self.transcript.all == "\r\u{1B}[Ktraining, 2/40 steps, 3/8 groups · waits 4 s for a worker")
        view.finishLine()
        #expect(self.transcript.all.hasSuffix("\r\u{1B}[K"))
    }

    @Test func theLivingLinesAreReplacedWhole() {
        var view = self.view(width: 60)
        view.show(Samples.status(members: [Samples.member("w1"), Samples.member("w2")]))
        view.say("a")
        // Three lines: the state, the heading, two rows less the last line feed.
        #expect(self.transcript.all.hasSuffix("\r\u{1B}[3A\u{1B}[Ja\n"))
        view.show(Samples.status())
        view.finishLine()
        #expect(self.transcript.all.hasSuffix("a\n\r\u{1B}[Ktraining, 2/40 steps, 3/8 groups\r\u{1B}[K"))
    }

    @Test func whatIsTheSameIsNotWrittenAgain() {
        var view = self.view(width: 60)
        let status = Samples.status(members: [Samples.member("w1")])
        view.show(status)
        let before = self.transcript.all
        view.show(status)
        #expect(self.transcript.all == before)
    }

    @Test func aLateViewerSeesTheLastStepsAndTheWholeTrend() {
        let steps = (0..<100).map { Samples.step(UInt64($0), reward: Double($0) / 100) }
        var view = self.view(width: 100)
        view.show(Samples.status(step: 100, steps: steps))
        let lines = self.transcript.lines.map { $0.replacing("\r\u{1B}[K", with: "") }
        #expect(lines.first == "steps 1 to 80 are above what is shown here")
        #expect(lines.contains { $0.hasPrefix("  81/40") } && !lines.contains { $0.hasPrefix("  80/40") })
        #expect(self.transcript.all.contains("reward ▁") && self.transcript.all.contains("█ 0.000 to 0.990"))
        // A file gets every step.
        let file = Transcript()
        var log = ProgressView(terminal: file.terminal())
        log.show(Samples.status(step: 100, steps: steps))
        #expect(file.lines.count == 101)
    }

    @Test func stepsTrainedAgainAreShownAgain() {
        var view = self.view()
        view.show(Samples.status(step: 2, steps: [Samples.step(0), Samples.step(1)]))
        view.show(Samples.status(step: 1, steps: [Samples.step(0)]))
        view.show(Samples.status(step: 2, steps: [Samples.step(1)]))
        #expect(self.transcript.lines.dropFirst(3).first == "the run is back at 1/40 steps")
        #expect(self.transcript.lines.last?.hasPrefix("   2/40") == true && self.transcript.lines.count == 5)
    }

    @Test(arguments: [40, 60, 80, 130]) func noLineIsWiderThanTheTerminal(width: Int) {
        var view = self.view(width: width)
        view.show(Samples.status(waitingFor: "groups of worker-1 (3), worker-2 (4), worker-3 (4, stalled)\nor others"))
        view.show(
            Samples.status(step: 2, steps: [Samples.step(0), Samples.step(1, seconds: 4000)], waitingFor: "a worker"))
        view.finishLine()
        let rows = self.transcript.all.split(separator: "\n").flatMap { $0.split(separator: "\r") }
            .map { $0.replacing("\u{1B}[K", with: "") }
        #expect(rows.allSatisfy { $0.count <= width }, "\(rows)")
        // A living line that filled the last column would leave the cursor in the next row.
        let living = rows.filter { $0.hasPrefix("training") }
        #expect(living.count == 2 && living.allSatisfy { $0.count < width })
        // The columns are the same from the heading on.
        let heading = rows.first { $0.hasPrefix("   step") }
        let titles = heading?.split(separator: " ").map(String.init) ?? []
        let expected = [
            40: ["step", "reward", "seconds", "left"],
            60: ["step", "reward", "pass@k", "useful", "seconds", "left"],
            80: ["step", "reward", "pass@k", "useful", "temp", "tokens", "gen", "tok/s", "seconds", "left"],
        ]
        #expect(expected[width].map { $0 == titles } ?? titles.contains("train"), "\(titles)")
    }

    @Test func intoAFileEveryFigureIsWrittenAndNothingLives() {
        var view = self.view()
        view.show(Samples.status(step: 1, steps: [Samples.step(0)], waitingFor: String(repeating: "long ", count: 40)))
        #expect(self.transcript.lines.count == 2 && self.transcript.lines[0].contains("train tok/s"))
        #expect(!self.transcript.all.contains("\r"))
    }

    @Test func aSilentControllerIsToldAfterThreeSeconds() {
        var view = self.view(width: 118)
        let start = ContinuousClock.now
        view.show(nil, now: start)
        view.show(nil, now: start + .seconds(2))
        #expect(self.transcript.all.isEmpty)
        view.show(nil, now: start + .seconds(7))
        #expect(self.transcript.all.hasSuffix("waiting for the controller since 7 s"))
    }

    @Test func theSummaryHasTheFirstAndTheLastPlannedEvaluation() {
        let evaluations = [
            Samples.evaluation(0, mean: 0.1), Samples.evaluation(20), Samples.evaluation(30, samples: 64),
            Samples.evaluation(40, mean: 0.9),
        ]
        let text = RunSummary(
            Samples.status(phase: .finished, step: 40), from: GlobalStep(0), evaluations: evaluations,
            last: Samples.step(39), samples: 4, directory: "runs/x"
        ).text
        #expect(text.contains("finished 40 steps in 3 min 20 s"))
        #expect(text.contains("policy 0") && text.contains("policy 40") && !text.contains("policy 20"))
        #expect(text.contains("10.0 %") && text.contains("90.0 %") && text.contains("pass@4"))
        #expect(text.hasSuffix("final weights (SHA-256) abcd\nrun directory runs/x"))
    }

    @Test func theSummaryOfARunWithoutEvaluationsHasNoTable() {
        let text = RunSummary(
            Samples.status(phase: .finished), from: GlobalStep(0), evaluations: [], last: nil, samples: 4,
            directory: "d"
        ).text
        #expect(!text.contains("policy") && !text.contains("SHA-256") && text.hasSuffix("run directory d"))
    }

    @Test func theProgressOfAnEvaluationIsALineNowAndThen() {
        let start = ContinuousClock.now
        var progress = EvaluationProgress(terminal: self.transcript.terminal(), now: start)
        progress.show(done: 1, of: 4, "", now: start + .seconds(5))
        progress.show(done: 2, of: 4, "9 tokens/s", now: start + .seconds(10))
        progress.show(done: 3, of: 4, "", now: start + .seconds(12))
        progress.finish()
        #expect(self.transcript.lines == ["2 of 4 problems, 9 tokens/s, 10 s left"])
    }
}
