import EADCore
import EADProtocol
import EADTelemetry

/// The rules for what a run log says, one record after another.
struct RunLogCheck {
    private let plan: RunPlan
    /// The staleness that groups may have.
    private let bound: UInt64
    private let learner: String

    private var oneRun = RunFinding("all lives of the controller are of one run")
    private var epochs = RunFinding("whoever joins has an epoch that nobody had before")
    private var members = RunFinding("only who has joined leaves, dies or lets a lease expire")
    private var order = RunFinding("steps are reported in order; a step is left out only where a learner came back")
    private var weights = RunFinding("a step trained again gives the same weights")
    private var agreement = RunFinding("sampling and training agree to the bit")
    private var staleness = RunFinding("no group is older than the staleness bound")
    private var evaluations = RunFinding("every planned evaluation of a finished run is there")
    private var end = RunFinding("a run finishes after its last step, and then nothing is trained")

    private var run: String?
    private var lastEpoch: UInt64 = 0
    private var present: Set<String> = []
    /// The step to be reported next; nil before the first.
    private var expected: UInt64?
    private var learnerCameBack = false
    private var hashes: [UInt64: String] = [:]
    private var evaluated: Set<UInt64> = []
    private var isFinished = false

    /// - Parameters:
    ///   - bound: The staleness that groups may have.
    ///   - learner: What the cluster file calls it.
    init(_ records: [RunRecord], plan: RunPlan, bound: UInt64, learner: NodeID) {
        self.plan = plan
        self.bound = bound
        self.learner = learner.rawValue
        for record in records { self.look(record) }
        self.finish()
    }

    var findings: [RunFinding] {
        [
            self.oneRun, self.epochs, self.members, self.order, self.weights, self.agreement, self.staleness,
            self.evaluations, self.end,
        ]
    }

    private mutating func look(_ record: RunRecord) {
        switch record.kind {
        case .step: self.step(record)
        case .evaluation: self.evaluated.insert(record.step.rawValue)
        case .event: self.event(record)
        }
    }

    private mutating func step(_ record: RunRecord) {
        let step = record.step.rawValue
        let disorder = self.disorder(of: step)
        self.order.look(disorder)
        self.expected = step + 1
        self.learnerCameBack = false
        let hash = record.notes["root_hash"] ?? ""
        if let before = self.hashes[step] {
            self.weights.expect(before == hash, "step \(step): \(before) first, \(hash) then")
        }
        self.hashes[step] = hash
        if let difference = record.values[\.logProbDifferenceMax] {
            self.agreement.expect(difference == 0, "step \(step): logprob_diff_max is \(difference)")
        }
        if let mean = record.values[\.stalenessMean] {
            self.staleness.expect(
                mean <= Double(self.bound), "step \(step): staleness_mean is \(mean), the bound \(self.bound)")
        }
        if self.isFinished { self.end.look("step \(step) was trained after the run had finished") }
    }

    private func disorder(of step: UInt64) -> String? {
        guard let expected = self.expected, step > expected, !self.learnerCameBack else { return nil }
        return "step \(step) follows step \(expected - 1)"
    }

    private mutating func event(_ record: RunRecord) {
        let node = record.notes["node"] ?? ""
        switch record.notes["event"] {
        case "started":
            let run = record.notes["run"] ?? ""
            self.oneRun.expect(self.run == nil || self.run == run, "\(run) after \(self.run ?? "")")
            self.run = run
            self.isFinished = false
        case "joined":
            let epoch = UInt64(record.notes["epoch"] ?? "") ?? 0
            self.epochs.expect(epoch > self.lastEpoch, "\(node) joined with epoch \(epoch) after \(self.lastEpoch)")
            self.lastEpoch = max(self.lastEpoch, epoch)
            self.present.insert(node)
            if node == self.learner { self.learnerCameBack = true }
        case "left", "died":
            let what = record.notes["event"] ?? ""
            self.members.expect(
                self.present.remove(node) != nil, "\(node) \(what) at step \(record.step), and was no member")
        case "lease_expired":
            self.members.expect(
                self.present.contains(node), "a lease of \(node) expired at step \(record.step), which was no member")
        case "rewound":
            self.expected = record.step.rawValue
            // In asynchronous mode other groups may be sampled in the place of those that were lost.
            if self.bound > 0 { self.hashes = self.hashes.filter { $0.key < record.step.rawValue } }
            self.isFinished = false
        case "finished":
            self.isFinished = true
        default: break
        }
    }

    private mutating func finish() {
        guard self.isFinished else { return }
        // An earlier end may have been of a plan with fewer steps.
        let done = self.expected ?? 0
        self.end.expect(done == self.plan.steps, "it finished after \(done) of \(self.plan.steps) steps")
        for version in 0...self.plan.steps where self.plan.evaluates(PolicyVersion(version)) {
            self.evaluations.expect(self.evaluated.contains(version), "policy \(version) was not evaluated")
        }
    }
}
