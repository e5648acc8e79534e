import EADConfiguration
import EADController
import EADCore
import EADEngine
import EADLearner
import EADMessages
import EADProtocol
import EADTestKit
import EADWorker

/// The engines and the disks: what they are asked to do, and what they report when it is done.
extension Simulation {
    func perform(_ command: ControllerCommand) {
        _ = self.write(Self.controllerNode) {
            switch command {
            case .persist(let snapshot): self.snapshot = snapshot
            case .persistEvaluation(let report, let graded): self.evaluationFiles[report.version] = graded
            case .record(let event):
                self.log.append(event)
                self.ledger.note(event)
            }
        }
    }

    func perform(_ command: LearnerCommand) {
        switch command {
        case .journal(let received, let run):
            if self.faults.mutant == .skippedWrite, self.random.chance(0.1) { return }
            self.checkThatItIsNew(received)
            _ = self.write(Self.learnerNode) {
                self.disk.append(received, run: run)
                self.checkVersion(of: received.group)
                self.ledger.noteJournalled(received.group)
            }
        case .discard(let groups, _):
            for group in groups {
                let isWritten = self.write(Self.learnerNode) {
                    self.disk.journal[group.lease.group.step]?.append(group)
                    self.ledger.noteDiscarded(group)
                }
                guard isWritten else { return }
            }
        case .discardJournal(let step):
            for old in self.disk.journal.keys.sorted() where old < step { self.disk.delete(old) }
        case .forget(let steps): for step in steps { self.disk.delete(step) }
        case .adopt(let run): self.run = run
        case .recover: self.learnerJobs.append((self.now + Self.second * 2, command))
        case .train: self.learnerJobs.append((self.now + Self.second * (self.decoding?.training ?? 0.3), command))
        case .publish: self.learnerJobs.append((self.now + .milliseconds(200), command))
        // Beside the time of a real step, that of a checkpoint is nothing.
        case .checkpoint: self.learnerJobs.append((self.now + Self.second * (self.decoding == nil ? 0.3 : 0), command))
        }
    }

    private func finish(_ command: LearnerCommand) -> LearnerEvent? {
        switch command {
        case .recover(let end): return .recovered(self.recover(until: end))
        case .train(let step, let groups):
            let refused = Self.refusals(of: groups)
            guard refused.isEmpty else { return .refused(step, refused) }
            self.train(step, groups)
            return .updated
        case .publish:
            let step = self.trainedStep
            let manifest = Self.manifest(step.endVersion, self.weights)
            let report = StepReport(
                step: step, version: manifest.version, rootHash: manifest.rootHash, metrics: [:])
            let delta = Self.delta(self.publishedBefore, self.weights)
            self.publishedBefore = (manifest.version, self.weights)
            return .published(report, manifest, SharedBytes(Self.chunks(of: self.weights).joined()), delta)
        case .checkpoint(let step):
            let isWritten = self.write(Self.learnerNode) {
                self.disk.checkpoint = (step, self.weights, self.run)
            }
            return isWritten ? .checkpointed(step) : nil
        case .journal, .discard, .discardJournal, .forget, .adopt: return nil
        }
    }

    func perform(_ command: WorkerCommand, by node: NodeID) {
        guard var engine = self.engines[node] else { preconditionFailure("a worker has an engine") }
        switch command {
        case .generate(let lease, let version):
            let length = self.groupMilliseconds
            let shortest = UInt64(length.lowerBound)
            let milliseconds = Int64(shortest + self.random.next() % UInt64(length.count))
            let duration = Duration.milliseconds(milliseconds) * (self.isSlow(node) ? self.faults.slowness : 1)
            if self.fails(node) {
                engine.reports.append(.rejected(lease.group, reason: "no memory"))
            } else {
                guard let chunks = engine.policies[version] else { preconditionFailure("generation without a policy") }
                // Where policies may change in between, there is something to be between.
                let tokens = self.weightSwap == .keep && lease.group.purpose == .training ? 4 : 1
                let due = self.decoding == nil ? self.now + duration : nil
                var job = SimulatedJob(lease, tokens: tokens, from: self.now, to: due)
                if let decoding { engine.lanes.start(lease.group, lengths: decoding.lengths(of: lease)) }
                job.goOn(with: version, chunks, at: self.now)
                engine.jobs.append(job)
            }
        case .cancel(let group):
            engine.jobs.removeAll { $0.lease.group == group }
            engine.lanes.cancel(group)
        case .score(let job, let group, let lease):
            guard var rollouts = engine.sampled.removeValue(forKey: group.id) else { return }
            if self.lies(node) {
                for index in rollouts.rollouts.indices { rollouts.rollouts[index].trace[.policyLogProb][0] -= 1 }
            }
            engine.verdicts.append((job, Self.scored(group, lease, rollouts)))
        case .cancelScoring(let job): engine.verdicts.removeAll { $0.job == job }
        case .check(let chunk, let payload, let hash):
            let damaged = self.elapsed < self.faults.end && self.random.chance(self.faults.loss)
            engine.reports.append(.checked(chunk, payload, isIntact: !damaged && Self.hash(payload) == hash))
        case .write(let payload, let offset): engine.buffer[offset / 32] = payload.array
        case .apply(let deltas, let manifest):
            for pieces in deltas { for piece in pieces { engine.buffer = Self.apply(piece, to: engine.buffer) } }
            if self.elapsed < self.faults.end && self.random.chance(self.faults.loss) { engine.buffer[0][31] ^= 1 }
            self.ledger.noteDeltas(deltas.count, areRight: engine.buffer == manifest.chunkHashes)
            engine.reports.append(.applied(manifest, hashes: engine.buffer))
        case .install(let manifest, let kept):
            self.ledger.noteInstall(manifest, of: engine.buffer, by: self.address(node))
            engine.install(manifest.version, keeping: kept, at: self.now)
            engine.reports.append(.installed(manifest))
        }
        self.engines[node] = engine
    }

    /// Lanes draw tokens for so long, where the time that takes is looked at.
    func decode(_ seconds: Double) {
        guard let decoding = self.decoding else { return }
        for node in self.workerNodes where self.isRunning(node) {
            self.engines[node]?.decode(seconds, decoding, now: self.now)
        }
    }

    /// Engines get on with their jobs.
    func work() {
        let due = self.now
        while self.pausedUntil[Self.learnerNode] == nil,
            let index = self.learnerJobs.firstIndex(where: { $0.due <= due })
        {
            let command = self.learnerJobs.remove(at: index).command
            guard let event = self.finish(command) else { continue }
            let now = self.clock(Self.learnerNode)
            self.stepLearner { $0.receive(event, now: now) }
        }
        for node in self.workerNodes where self.pausedUntil[node] == nil {
            guard let events = self.engines[node]?.takeReports(now: due), !events.isEmpty else { continue }
            let now = self.clock(node)
            for event in events { self.stepWorker(node) { $0.receive(event, now: now) } }
        }
    }
}
