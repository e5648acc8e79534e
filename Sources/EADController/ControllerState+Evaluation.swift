import EADCore
import EADEvaluation
import EADMessages
import EADProtocol
import EADTelemetry

extension ControllerState {
    /// How the newest version is to be evaluated before training goes on, if at all.
    var dueEvaluation: EvaluationRequest? {
        self.plannedEvaluation ?? self.evaluations.requested
    }

    private var plannedEvaluation: EvaluationRequest? { self.plannedEvaluation(of: self.window.version) }

    private func plannedEvaluation(of version: PolicyVersion) -> EvaluationRequest? {
        let samples = self.settings.evaluationSamples
        guard self.settings.plan.evaluates(version), !self.settings.heldOut.isEmpty,
            !self.evaluations.has(version, samples: samples)
        else { return nil }
        return EvaluationRequest(number: 0, samples: samples)
    }

    /// Says which versions were to be evaluated, and are not any more when the run is at `step`: an earlier life of the
    /// controller that evaluated them is forgotten, or the learner went on without this one.
    func evaluationsMissed(before step: GlobalStep) -> [Effect] {
        guard self.window.step < step else { return [] }
        let missed = (self.window.step.rawValue..<step.rawValue).map { PolicyVersion($0) }.filter {
            self.plannedEvaluation(of: $0) != nil
        }
        guard !missed.isEmpty else { return [] }
        let names = missed.prefix(10).map(\.description).joined(separator: ", ")
        let more = missed.count > 10 ? " and \(missed.count - 10) more" : ""
        let text =
            "not evaluated as planned, and the learner is past it: policy \(names)\(more); "
            + "ead-ctl eval --run evaluates the checkpoints that are kept"
        return [.tellOperator(.warning, text)]
    }

    // MARK: Before it

    /// Where the window ends while the learner trains `step` next, so that a version can be evaluated before groups of its
    /// step are sampled; nil where the staleness bound alone says.
    ///
    /// The learner trains a step as soon as it has its groups, and gives one version only: the version to be evaluated is to
    /// be had until the evaluation is made exactly when nobody samples for its step.
    func barrier(from step: GlobalStep) -> GlobalStep? {
        guard self.settings.gate.bound > 0 else { return nil }
        if self.plannedEvaluation(of: step.startVersion) != nil { return step.next }
        let later = (1...self.settings.gate.bound).lazy.map { GlobalStep(step.rawValue + $0) }
        let planned = later.first { self.plannedEvaluation(of: $0.startVersion) != nil }
        let requested = self.evaluations.requested.map { _ in max(step.next, self.window.firstClosed) }
        return [planned, requested].compactMap { $0 }.min()
    }

    // MARK: Making one

    /// Whether a due evaluation may begin.
    ///
    /// It needs a learner that keeps the newest version as long as it takes, so no step that completes meanwhile. The
    /// plan's comes before the step, an operator's between two; but in a paused run nothing goes on that it could get in
    /// the way of, once the last lease has ended.
    private var mayEvaluate: Bool {
        guard case .training = self.course, self.window.isOpen, self.learner == .here(at: self.window.step),
            self.window.leasedCount == 0
        else { return false }
        guard let table = self.window.tables.first else { return true }
        return table.isUntouched || (!table.isComplete && (self.isPaused || self.plannedEvaluation != nil))
    }

    mutating func beginEvaluation() {
        guard let due = self.dueEvaluation, self.mayEvaluate else { return }
        self.course.evaluation = EvaluationWork(
            version: self.window.version, problems: self.settings.heldOut, samples: due.samples,
            isGreedy: self.settings.evaluatesGreedily, request: due.number, seed: self.settings.curriculum.seed,
            terms: self.settings.terms)
    }

    /// Reports on the evaluation whose last answer has come.
    mutating func finishEvaluation() -> [Effect] {
        guard let evaluation = self.course.evaluation, evaluation.isComplete else { return [] }
        let graded = evaluation.answered.map { GradedProblem(problem: $0.problem, samples: $0.samples) }
        let report = EvaluationReport(
            version: evaluation.version, problems: UInt32(graded.count), samples: evaluation.samples,
            values: EvaluationStatistics(graded).values, request: evaluation.request)
        self.evaluations.add(report)
        self.course.evaluation = nil
        // A death before the snapshot repeats the evaluation, with the same responses.
        return [
            .persistEvaluation(report, graded), .record(.evaluated(report)), .persist(self.snapshot),
            .tellOperator(
                .information,
                report.values.summary(
                    ofPolicy: report.version, problems: report.problems, samples: report.samples)),
        ]
    }

    // MARK: Asking for one

    /// Takes an operator's wish for an evaluation; the same request again changes nothing.
    mutating func requestEvaluation(_ request: ControlRequest) -> (reply: ControlReply, effects: [Effect]) {
        if let objection = self.objection(toEvaluation: request) {
            return (ControlReply(accepted: false, message: objection), [])
        }
        if self.evaluations.answers(request: request.request) {
            return (ControlReply(accepted: true, message: "the evaluation is made"), [])
        }
        let samples = request.samples > 0 ? request.samples : self.settings.evaluationSamples
        if self.evaluations.has(self.window.version, samples: samples) {
            // The same responses would come out.
            self.evaluations.answer(request: request.request, with: self.window.version, samples: samples)
            return (
                ControlReply(accepted: true, message: "policy \(self.window.version) is evaluated already"),
                [.persist(self.snapshot)]
            )
        }
        let place = self.isPaused || self.mayEvaluate ? "now" : "at the end of the step"
        let reply = ControlReply(accepted: true, message: "\(samples) samples per problem, \(place)")
        guard self.evaluations.requested == nil else { return (reply, []) }
        self.evaluations.request(EvaluationRequest(number: request.request, samples: samples))
        return (reply, [.persist(self.snapshot)])
    }

    /// Why an evaluation cannot be made; nil when it can, or is made already.
    private func objection(toEvaluation request: ControlRequest) -> String? {
        guard request.request > 0 else { return "an evaluation is asked for under a number above 0" }
        if self.evaluations.answers(request: request.request) { return nil }
        guard !self.settings.heldOut.isEmpty else { return "the task holds out no problems (task.held_out)" }
        if self.course.isFinished { return "the run is finished; ead-ctl eval --checkpoint evaluates what it left" }
        if self.course.isStopping { return "the run is stopping" }
        let samples = request.samples > 0 ? request.samples : self.settings.evaluationSamples
        guard samples <= self.settings.maximumEvaluationSamples else {
            return
                "at most \(self.settings.maximumEvaluationSamples) samples per problem can be evaluated, not \(samples)"
        }
        guard samples > 0 || self.settings.evaluatesGreedily else {
            return "the cluster file asks for no responses; say how many with --samples"
        }
        if let other = self.evaluations.requested, other.number != request.request {
            return "another evaluation is asked for already; try again when it is made"
        }
        return nil
    }
}
