import EADProtocol

/// What the run is about at the moment, with what exists only then.
enum Course: Sendable {
    /// The open steps are sampled.
    case training
    /// Held-out problems are answered; the open steps wait.
    case evaluating(EvaluationWork)
    /// An operator ended the run: nothing is given out any more, but what is under way still counts.
    case stopping(Farewell, EvaluationWork?)
    /// Every step is trained and every evaluation made.
    case finished(Farewell)

    /// The evaluation whose groups are out.
    var evaluation: EvaluationWork? {
        get {
            switch self {
            case .training, .finished: nil
            case .evaluating(let evaluation): evaluation
            case .stopping(_, let evaluation): evaluation
            }
        }
        set {
            switch self {
            case .training, .evaluating: self = newValue.map { .evaluating($0) } ?? .training
            case .stopping(let farewell, _): self = .stopping(farewell, newValue)
            case .finished: precondition(newValue == nil, "a finished run is not evaluated")
            }
        }
    }

    /// Nil while the run goes on.
    var farewell: Farewell? {
        switch self {
        case .training, .evaluating: nil
        case .stopping(let farewell, _), .finished(let farewell): farewell
        }
    }

    var isFinished: Bool { if case .finished = self { true } else { false } }
    var isStopping: Bool { self.farewell?.isAskedFor ?? false }

    /// An operator wants everybody to leave.
    mutating func stop(now: ContinuousClock.Instant) {
        switch self {
        case .training, .evaluating: self = .stopping(Farewell(since: now, isAskedFor: true), self.evaluation)
        case .finished(var farewell):
            farewell.isAskedFor = true
            self = .finished(farewell)
        case .stopping: break
        }
    }

    /// Nothing is left to do.
    mutating func finish(now: ContinuousClock.Instant) {
        let before = self.farewell
        self = .finished(
            Farewell(since: now, isAskedFor: before?.isAskedFor ?? false, isSeen: before?.isSeen ?? false))
    }

    /// There is work again: the learner lost steps that were trained.
    mutating func resume() {
        guard case .finished(let farewell) = self else { return }
        self = farewell.isAskedFor ? .stopping(farewell, nil) : .training
    }

    /// Somebody was told how the run is; remembered if that was its end.
    mutating func markSeen() {
        switch self {
        case .training, .evaluating: break
        case .stopping(var farewell, let evaluation):
            farewell.isSeen = true
            self = .stopping(farewell, evaluation)
        case .finished(var farewell):
            farewell.isSeen = true
            self = .finished(farewell)
        }
    }
}
