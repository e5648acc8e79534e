import EADCore
import EADEvaluation
import EADMessages
import EADProtocol

extension ControllerState {
    var currentVersion: PolicyVersion { self.snapshot.version }

    /// What an operator asks for is done in a paused run, too.
    var evaluatesOnRequest: Bool { self.table?.purpose == .evaluation && self.snapshot.requested != nil }

    /// Where the current version's evaluation with so many samples is.
    func evaluationIndex(samples: UInt32) -> Int? {
        self.snapshot.evaluations.firstIndex { $0.version == self.currentVersion && $0.samples == samples }
    }

    /// Takes an operator's wish for an evaluation; the same request again changes nothing.
    mutating func evaluate(_ request: ControlRequest) -> (reply: ControlReply, effects: [Effect]) {
        func refuse(_ reason: String) -> (ControlReply, [Effect]) {
            (ControlReply(accepted: false, message: reason), [])
        }
        guard request.request > 0 else { return refuse("an evaluation is asked for under a number above 0") }
        let isDone = self.snapshot.evaluations.contains { $0.request == request.request }
        if isDone { return (ControlReply(accepted: true, message: "the evaluation is made"), []) }
        guard !self.settings.heldOut.isEmpty else { return refuse("the task holds out no problems (task.held_out)") }
        if self.snapshot.finished {
            return refuse("the run is finished; ead-ctl eval --checkpoint evaluates what it left")
        }
        if self.stopping { return refuse("the run is stopping") }
        let samples = request.samples > 0 ? request.samples : self.settings.evaluationSamples
        guard samples <= Self.maximumSamples else {
            return refuse("at most \(Self.maximumSamples) samples per problem can be evaluated, not \(samples)")
        }
        guard samples > 0 || self.settings.evaluatesGreedily else {
            return refuse("the cluster file asks for no responses; say how many with --samples")
        }
        if let other = self.snapshot.requested, other.number != request.request {
            return refuse("another evaluation is asked for already; try again when it is made")
        }
        if let index = self.evaluationIndex(samples: samples) {
            // The same responses would come out.
            self.snapshot.evaluations[index].request = request.request
            return (
                ControlReply(accepted: true, message: "policy \(self.currentVersion) is evaluated already"),
                [.persist(self.snapshot)]
            )
        }
        let place = self.snapshot.paused ? "now" : "at the end of the step"
        let reply = ControlReply(accepted: true, message: "\(samples) samples per problem, \(place)")
        guard self.snapshot.requested == nil else { return (reply, []) }
        self.snapshot.requested = EvaluationRequest(number: request.request, samples: samples)
        return (reply, [.persist(self.snapshot)])
    }

    /// Samples per problem that a worker's answer can carry and figures are defined for.
    private static var maximumSamples: UInt32 { 1024 }

    /// Why an answer is not what was asked for.
    func objection(to samples: [EvaluatedSample]) -> String? {
        let greedy = samples.count(where: \.greedy)
        let wanted = (drawn: Int(self.evaluation.samples), greedy: self.settings.evaluatesGreedily ? 1 : 0)
        guard samples.count - greedy != wanted.drawn || greedy != wanted.greedy else { return nil }
        return "\(samples.count - greedy) sampled and \(greedy) greedy responses came, "
            + "\(wanted.drawn) and \(wanted.greedy) were wanted"
    }

    /// The report on an evaluation table whose last group has come.
    func finishedEvaluation() -> (EvaluationReport, [GradedProblem])? {
        guard let table = self.table, table.purpose == .evaluation, table.isComplete else { return nil }
        let graded = self.evaluated.sorted { $0.key < $1.key }.map { slot, samples in
            GradedProblem(problem: self.work[Int(slot)].problem, samples: samples)
        }
        let report = EvaluationReport(
            version: table.step.startVersion, problems: UInt32(graded.count),
            samples: self.evaluation.samples, values: EvaluationStatistics(graded).values,
            request: self.evaluation.number)
        return (report, graded)
    }

    /// Adds a report; it answers a request for as many samples, too.
    mutating func note(_ report: EvaluationReport) {
        var report = report
        if let requested = self.snapshot.requested, requested.samples == report.samples {
            report.request = requested.number
            self.snapshot.requested = nil
        }
        self.snapshot.evaluations.append(report)
    }
}
