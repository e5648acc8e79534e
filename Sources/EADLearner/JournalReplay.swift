import EADCore
import EADMessages
import EADProtocol
import EADTelemetry
import Logging

/// The complete steps of the journal that a checkpoint lacks, trained again one after the other.
struct JournalReplay {
    private let journal: RolloutJournal
    private let end: GlobalStep?
    private var recovery: Recovery
    private var last: (step: GlobalStep, metrics: MetricValues)?
    /// Of the steps before `last` that were published on the way.
    private var reports: [StepReport] = []

    /// - Parameters:
    ///   - policy: Stands at its checkpoint.
    ///   - end: A step neither to be trained nor looked at, and none after it.
    ///   - assembler: Tells complete steps; the one that collected the groups in the first place.
    init(
        of journal: RolloutJournal, on policy: TrainedPolicy, until end: GlobalStep? = nil,
        assembler: @escaping (GlobalStep) -> BatchAssembler
    ) throws {
        try journal.discard(before: policy.step)
        self.journal = journal
        self.end = end
        self.recovery = Recovery(from: policy.step, run: policy.run, assembler: assembler)
    }

    /// The step that is trained next if its groups are complete.
    var step: GlobalStep { self.recovery.step }

    /// Trains the next step; false when there is none.
    /// - Throws: `RefusedStep` when the step cannot be trained, `FileError` or `RoleFailure` when the journal cannot be used.
    mutating func advance(_ policy: TrainedPolicy) throws -> Bool {
        let step = self.recovery.step
        guard step != self.end else { return false }
        let batch = try self.recovery.resume(try self.load(step, policy))
        policy.run = self.recovery.run ?? policy.run
        guard let run = policy.run, let batch else {
            for later in self.recovery.laterSteps where self.end.map({ later < $0 }) ?? true {
                try self.recovery.keep(try self.load(later, policy))
            }
            return false
        }
        policy.logger.info("training step \(step) again from the journal")
        // With a window several steps may be over that the controller has not heard of; without one, it is the last.
        if self.recovery.batch.gate.bound > 0, let report = self.report(policy.publish) { self.reports.append(report) }
        do {
            self.last = (step, try policy.train(step, batch).merging(self.recovery.batch.samplingMetrics))
        } catch let refused as RefusedStep where !refused.groups.isEmpty {
            for discarded in self.recovery.discard(refused.groups) {
                policy.logger.warning(
                    "\(discarded.lease.group) of \(discarded.sender) is thrown out: \(discarded.reason)")
                try self.journal.append(discarded, run: run)
            }
        }
        return true
    }

    private func load(_ step: GlobalStep, _ policy: TrainedPolicy) throws -> JournalledStep {
        let (held, cut) = try self.journal.load(step)
        if cut > 0 { policy.logger.warning("cut \(cut) damaged bytes off the journal of step \(step)") }
        return held
    }

    /// Publishes the policy that the last step made.
    func finish(_ policy: TrainedPolicy) -> Recovered {
        let version = policy.publish()
        let report = self.report { version }
        return Recovered(
            run: policy.run, step: policy.step, checkpoint: policy.checkpointedStep, pending: self.recovery.pending,
            manifest: version.manifest, bytes: version.bytes,
            reports: self.reports + (report.map { [$0] } ?? []))
    }

    /// What there is to say of the step trained last, whose weights still stand; nil without one.
    private func report(_ published: () -> PolicyPublication.Version) -> StepReport? {
        self.last.map { step, metrics in
            let manifest = published().manifest
            return StepReport(step: step, version: manifest.version, rootHash: manifest.rootHash, metrics: metrics)
        }
    }
}
