import EADCore
import EADLearner
import EADMessages
import EADTestKit
import EADWorker

/// The model of engine and disk.
extension Simulation {
    static func mix(_ values: UInt64...) -> UInt64 {
        values.reduce(0x9E37_79B9_7F4A_7C15) { hash, value in
            var x = hash ^ value
            x = (x ^ x >> 30) &* 0xBF58_476D_1CE4_E5B9
            x = (x ^ x >> 27) &* 0x94D0_49BB_1331_11EB
            return x ^ x >> 31
        }
    }

    /// Weights as three chunks: one that follows every update, one that never changes, one that changes now and then.
    ///
    /// A chunk is its own hash.
    static func chunks(of weights: UInt64) -> [[UInt8]] {
        [weights, 1, weights % 3].map { value in
            (0..<32).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0 % 8))) }
        }
    }

    static func weights(of chunks: [[UInt8]]) -> UInt64 {
        chunks[0].prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) }
    }

    static func manifest(_ version: PolicyVersion, _ weights: UInt64) -> PolicyManifest {
        let chunks = Self.chunks(of: weights)
        return PolicyManifest(
            version: version, precision: .bf16, totalBytes: 96, chunkBytes: 32, chunkHashes: chunks,
            rootHash: chunks[0])
    }

    mutating func train(_ step: GlobalStep, _ groups: [RolloutGroup]) {
        self.ledger.note(step, groups, on: self.weights)
        self.weights = Self.weights(self.weights, trainedOn: groups)
    }

    static func weights(_ weights: UInt64, trainedOn groups: [RolloutGroup]) -> UInt64 {
        groups.reduce(weights) { hash, group in
            group.rollouts.flatMap(\.trace.tokens).reduce(Self.mix(hash, UInt64(group.problem))) {
                Self.mix($0, UInt64($1))
            }
        }
    }

    static func rollouts(_ lease: Lease, _ policy: (version: PolicyVersion, chunks: [[UInt8]])) -> RolloutGroup {
        let weights = Self.weights(of: policy.chunks)
        let rollouts = (0..<UInt64(lease.samples)).map { sample in
            let value = Self.mix(weights, lease.seed, lease.group.step.rawValue, UInt64(lease.problem.index), sample)
            let isRight = value % 2 == 1
            return Rollout(
                trace: .filled([TokenID(truncatingIfNeeded: value) >> 1]), finish: .stopToken,
                verdict: Verdict(
                    reward: isRight ? 1 : 0, strictReward: 0, prediction: isRight ? "right" : "wrong"))
        }
        return RolloutGroup(
            id: lease.group, attempt: lease.attempt, policyVersion: policy.version, problem: lease.problem.index,
            promptTokens: [1], rollouts: rollouts)
    }

    /// Engines get on with their jobs.
    mutating func work() {
        if self.isRunning(Self.learnerNode) { self.workOfLearner() }
        for node in self.workerNodes where self.isRunning(node) {
            while var worker = self.workers[node], let index = worker.jobs.firstIndex(where: { $0.due <= self.now }) {
                let lease = worker.jobs.remove(at: index).lease
                guard let policy = worker.policy else { preconditionFailure("generation without a policy") }
                let group = Self.rollouts(lease, policy)
                let effects: [WorkerEffect]
                if lease.group.purpose == .training {
                    effects = worker.process.state.generated(group, now: self.now)
                } else {
                    let samples = group.rollouts.map {
                        EvaluatedSample(
                            greedy: false, verdict: $0.verdict, tokens: 1, text: "\($0.trace.tokens)")
                    }
                    effects = worker.process.state.evaluated(group.id, samples, now: self.now)
                }
                self.workers[node] = worker
                self.perform(effects, of: node)
            }
        }
    }

    private mutating func workOfLearner() {
        if let training = self.training, training.due <= self.now, var learner = self.learner {
            self.training = nil
            self.train(training.step, training.groups)
            let effects = learner.state.updated()
            self.learner = learner
            self.perform(effects)
        }
        if let publishing = self.publishing, publishing.due <= self.now, var learner = self.learner {
            self.publishing = nil
            let version = publishing.step.endVersion
            let manifest = Self.manifest(version, self.weights)
            let report = StepReport(step: publishing.step, version: version, rootHash: manifest.rootHash, metrics: [])
            let effects = learner.state.published(report, manifest: manifest)
            self.learner = learner
            self.perform(effects)
        }
        if let checkpointing = self.checkpointing, checkpointing.due <= self.now, var learner = self.learner {
            self.checkpointing = nil
            guard let run = learner.state.run else { preconditionFailure("a checkpoint belongs to a run") }
            self.disk.checkpoint = (checkpointing.step, self.weights, run)
            self.disk.journal.removeAll { $0.group.id.step < checkpointing.step }
            let effects = learner.state.checkpointed()
            self.learner = learner
            self.perform(effects)
        }
    }
}
