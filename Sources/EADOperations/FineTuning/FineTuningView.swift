import EADCore
import EADFineTuning
import EADModels
import EADTelemetry

/// How far a fine-tuning is: a living line on a terminal, else a line now and then; a line for each look at held-out
/// demonstrations in any case.
struct FineTuningView {
    private let terminal: Terminal
    private var living: LivingText
    /// When training began.
    private var start: ContinuousClock.Instant
    private var nextLine: ContinuousClock.Instant
    private var first = GlobalStep(0)
    private var total: UInt64 = 0
    /// Of the last few steps: one says little.
    private var loss = Average()
    private var rate = Average()
    private var heldOutLoss: Double?

    /// A mean in which a value counts less with every one that follows.
    private struct Average {
        private var sum = 0.0
        private var weight = 0.0

        var value: Double? { self.weight > 0 ? self.sum / self.weight : nil }

        mutating func add(_ new: Double?) {
            guard let new else { return }
            self.sum = 0.95 * self.sum + new
            self.weight = 0.95 * self.weight + 1
        }
    }

    /// Where lines cannot be replaced, one comes this often.
    static let interval = Duration.seconds(10)

    init(terminal: Terminal, now: ContinuousClock.Instant = .now) {
        self.terminal = terminal
        self.living = LivingText(terminal)
        self.start = now
        self.nextLine = now + Self.interval
    }

    mutating func take(_ event: FineTuning.Event, now: ContinuousClock.Instant = .now) {
        switch event {
        case .began(let plan, let step):
            (self.first, self.total, self.start) = (step, plan.steps, now)
            self.say(Self.opening(plan, after: step))
        case .passedOver(let error): self.say("checkpoint ignored: \(error)")
        case .trained(let step, let values):
            self.loss.add(values[\.crossEntropy])
            self.rate.add(values[\.trainingTokensPerSecond])
            let text = self.line(step, values, now: now)
            if self.terminal.width != nil {
                self.living.show([text])
            } else if now >= self.nextLine {
                self.nextLine = now + Self.interval
                self.terminal.show(text)
            }
        case .evaluated(let step, let loss):
            self.heldOutLoss = loss
            let training = self.loss.value.map { ", loss \($0.text(decimals: 4))" } ?? ""
            self.say("step \(step) of \(self.total): held-out loss \(loss.text(decimals: 4))\(training)")
        }
    }

    mutating func finish() { self.living.erase() }

    private mutating func say(_ text: String) {
        self.living.erase()
        self.terminal.show(text)
    }

    private static func opening(_ plan: FineTuningPlan, after step: GlobalStep) -> String {
        let dropped = plan.dropped > 0 ? ", \(plan.dropped) are too long and left out" : ""
        let begin = step == GlobalStep(0) ? "" : ", goes on after step \(step)"
        return
            "\(plan.file.layout.count) parameters, \(plan.split.training.count) demonstrations and "
            + "\(plan.split.heldOut.count) held out\(dropped); \(plan.steps) steps, \(plan.order.batchesPerPass) per pass"
            + begin
    }

    private func line(_ step: GlobalStep, _ values: MetricValues, now: ContinuousClock.Instant) -> String {
        let total = max(self.total, 1)
        var parts = ["step \(step) of \(self.total) (\(step.rawValue * 100 / total) %)"]
        if let loss = self.loss.value { parts.append("loss \(loss.text(decimals: 4))") }
        if let loss = self.heldOutLoss { parts.append("held out \(loss.text(decimals: 4))") }
        if let rate = self.rate.value { parts.append("\(rate.text(decimals: 0)) tokens/s") }
        let done = step.rawValue - self.first.rawValue
        if done > 0, step.rawValue < self.total {
            let seconds = self.start.duration(to: now) / .seconds(1)
            let left = seconds / Double(done) * Double(self.total - step.rawValue)
            parts.append("\(StatusTable.duration(UInt64(left * 1000))) left")
        }
        return parts.joined(separator: ", ")
    }
}
