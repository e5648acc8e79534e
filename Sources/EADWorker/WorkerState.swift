package import EADConfiguration
package import EADCore
package import EADEngine
package import EADMessages
package import EADProtocol
import EADTelemetry

/// A worker as a value: the leases it holds and the policy it mirrors.
///
/// A lease waits until a policy version it allows is installed, is generated, and is sent to the learner until the
/// learner acknowledges it (training) or reported to the controller (evaluation).
package struct WorkerState: Sendable {
    package struct Settings: Sendable {
        /// Leases held at once.
        package var credit: UInt32
        /// After this long without an answer a request is repeated.
        package var requestTimeout: Duration
        /// A worker told to leave waits this long for its last groups to be generated and acknowledged.
        package var drainTimeout: Duration
        /// Unanswered chunk requests.
        package var chunkCredit: Int
        /// A chunk that arrives damaged or not at all this often fails the download.
        package var chunkAttempts: Int
        /// What becomes of groups under way when the next version is there; nil in synchronous training.
        ///
        /// Where there is one, the next version is mirrored as soon as it is there, rather than when a lease needs it.
        package var swap: TrainingConfiguration.WeightSwap?
        /// Policies that the engine may have at a time.
        var residentVersions: Int { self.swap?.residentVersions ?? 1 }

        package init(
            credit: UInt32, requestTimeout: Duration, drainTimeout: Duration = Fixed.workerDrain.value,
            chunkCredit: Int = Fixed.chunkCredit.value,
            chunkAttempts: Int = Fixed.chunkAttempts.value, swap: TrainingConfiguration.WeightSwap? = nil
        ) {
            self.credit = credit
            self.requestTimeout = requestTimeout
            self.drainTimeout = drainTimeout
            self.chunkCredit = chunkCredit
            self.chunkAttempts = chunkAttempts
            self.swap = swap
        }
    }

    enum Stage: Sendable, Equatable {
        case waitingForPolicy
        /// With a policy that was ordered to be swapped in, if not swapped in by now.
        case generating(PolicyVersion)
        /// Its samples wait for their verdicts.
        case scoring(job: UInt64)
        case sending(RolloutGroup, due: ContinuousClock.Instant)
    }

    struct Held: Sendable, Equatable {
        var lease: Lease
        var stage: Stage
    }

    enum Transfer: Sendable {
        case none
        case asking(PolicyVersion, due: ContinuousClock.Instant)
        case fetchingDeltas(PolicyManifest, DeltaDownload)
        /// The engine makes the version of the one in the second buffer; nil when nobody wants it any more. Nothing else is
        /// fetched before it is done, and says what the buffer holds.
        case applying(PolicyManifest?)
        case downloading(PolicyManifest, PolicyDownload)
        case installing(PolicyManifest)
    }

    let settings: Settings
    package var member: Member
    package var refusals = Refusals()
    var held: [GroupID: Held] = [:]
    /// The newest version that was swapped in.
    package internal(set) var installed: PolicyVersion?
    /// Versions that the engine has, and will have when the order to swap is carried out.
    var resident: Set<PolicyVersion> = []
    /// The newest version of the run, as far as the controller said.
    var newest: PolicyVersion?
    /// Hashes of the chunks in the second buffer as it is now, to be reused by the next version where they are equal.
    package internal(set) var chunkHashes: [[UInt8]]
    /// The version in the second buffer; nil while it may be a mixture of several.
    var mirrored: HeldPolicy?
    /// Bytes that the model file here gives every version.
    let policyBytes: UInt64
    /// Groups that were given to the verifier, ever.
    private var jobs: UInt64 = 0
    var transfer = Transfer.none
    /// When a draining worker leaves even with groups in hand.
    private var drainedBy: ContinuousClock.Instant?
    package var draining: Bool { self.drainedBy != nil }
    var left = false
    package internal(set) var counters = MetricCounters()

    /// - Parameters:
    ///   - chunkHashes: Hashes of the chunks of the model file's own parameters.
    ///   - mirrored: The version that those are.
    ///   - policyBytes: Their length.
    package init(
        settings: Settings, member: Member, chunkHashes: [[UInt8]], mirrored: HeldPolicy? = nil, policyBytes: UInt64
    ) {
        self.settings = settings
        self.member = member
        self.policyBytes = policyBytes
        self.chunkHashes = chunkHashes
        self.mirrored = mirrored
    }

    // MARK: Inputs

    /// A lease is offered; taken on unless draining or full.
    package mutating func receive(_ offer: LeaseOffer, now: ContinuousClock.Instant) -> [WorkerEffect] {
        let lease = offer.lease
        let id = LeaseID(group: lease.group, attempt: lease.attempt)
        // What cannot be wanted at the same time as this one is over. Evaluations of one version differ in their samples.
        var effects = self.dropLeases {
            !$0.canBeOpen(with: lease) || $0.group.purpose != lease.group.purpose || $0.samples != lease.samples
        }
        if var known = self.held[lease.group] {
            // The controller forgot that we hold it: go on under the new attempt.
            known.lease.attempt = lease.attempt
            if case .sending(var group, let due) = known.stage {
                group.attempt = lease.attempt
                known.stage = .sending(group, due: due)
            }
            self.held[lease.group] = known
            return effects + [.tellController(.leaseAccept(LeaseAccept(lease: id)))]
        }
        guard !self.draining, self.held.count < Int(self.settings.credit) else {
            let answer = LeaseReturn(lease: id, outcome: .declined, reason: self.draining ? "draining" : "full")
            return effects + [.tellController(.leaseReturn(answer))]
        }
        self.held[lease.group] = Held(lease: lease, stage: .waitingForPolicy)
        effects.append(.tellController(.leaseAccept(LeaseAccept(lease: id))))
        return effects + self.start(now)
    }

    /// Where the run is: what was leased for a step that is not open is obsolete, also for a later one, which the run lost
    /// with its learner's disk; and so is the evaluation of another version than the newest.
    ///
    /// So is a group that somebody else has made; one that is on its way to the learner will be answered anyway.
    package mutating func follow(_ reply: HeartbeatReply) -> [WorkerEffect] {
        let finished = Set(reply.finished.map(\.group))
        return self.drop { held in
            if finished.contains(held.lease.group), !held.stage.isSending { return true }
            switch held.lease.group.purpose {
            case .training: return !reply.window.contains(held.lease.group.step)
            case .evaluation: return held.lease.group.step.startVersion != reply.policyVersion
            }
        }
    }

    /// The controller admitted us to another run than before: everything held belongs to the old one.
    package mutating func changeRun() -> [WorkerEffect] {
        if case .applying = self.transfer { self.transfer = .applying(nil) } else { self.transfer = .none }
        self.installed = nil
        self.resident = []
        self.newest = nil
        return self.dropLeases { _ in true }
    }

    /// The engine has sampled a group: it waits for its verdicts, unless its lease ended meanwhile.
    package mutating func sampled(_ group: GeneratedGroup, now: ContinuousClock.Instant) -> [WorkerEffect] {
        guard let held = self.held[group.id], case .generating = held.stage else { return [] }
        self.jobs += 1
        self.held[group.id]?.stage = .scoring(job: self.jobs)
        return [.perform(.score(job: self.jobs, group, held.lease))] + self.transferTick(now)
    }

    /// A training group has its verdicts.
    package mutating func generated(_ group: RolloutGroup, now: ContinuousClock.Instant) -> [WorkerEffect] {
        guard var held = self.held[group.id], held.stage.isProducing else { return [] }
        var group = group
        group.attempt = held.lease.attempt
        held.stage = .sending(group, due: now + self.settings.requestTimeout)
        self.held[group.id] = held
        return [.tellLearner(.rolloutGroup(group))] + self.transferTick(now)
    }

    /// An evaluation group has its verdicts.
    package mutating func evaluated(
        _ id: GroupID, _ samples: [EvaluatedSample], now: ContinuousClock.Instant
    ) -> [WorkerEffect] {
        guard let held = self.held[id] else { return [] }
        self.held[id] = nil
        let lease = LeaseID(group: id, attempt: held.lease.attempt)
        let answer = LeaseReturn(lease: lease, outcome: .completed, samples: samples)
        return [.tellController(.leaseReturn(answer))] + self.transferTick(now) + self.drained()
    }

    /// The engine could not produce a group.
    package mutating func failed(_ id: GroupID, reason: String) -> [WorkerEffect] {
        self.finish(id, .failed, reason)
    }

    /// The learner answers a rollout group.
    package mutating func receive(_ ack: GroupAck) -> [WorkerEffect] {
        guard let held = self.held[ack.lease.group], case .sending = held.stage else { return [] }
        switch ack.status {
        case .accepted:
            self.counters[\.groupsAccepted] += 1
            return self.finish(ack.lease.group, .completed, "")
        case .duplicate:
            self.counters[\.groupsDuplicate] += 1
            return self.finish(ack.lease.group, .completed, "")
        case .stale:
            self.counters[\.groupsStale] += 1
            return self.finish(ack.lease.group, .declined, "stale: \(ack.reason)")
        case .refused:
            self.counters[\.groupsRefused] += 1
            return self.finish(ack.lease.group, .failed, ack.reason)
        }
    }

    /// SIGTERM or the end of the run: finish what is being generated or sent, return the rest, then leave.
    ///
    /// The learner may be gone already; what it has not acknowledged within `drainTimeout` is given up, and produced
    /// again by somebody when the run goes on.
    package mutating func drain(now: ContinuousClock.Instant) -> [WorkerEffect] {
        guard !self.draining else { return [] }
        self.drainedBy = now + self.settings.drainTimeout
        var effects: [WorkerEffect] = []
        for (id, held) in self.held.sorted(by: { $0.key < $1.key }) where held.stage == .waitingForPolicy {
            effects += self.finish(id, .declined, "draining")
        }
        return effects + self.drained()
    }

    /// Repeats what was not answered in time.
    package mutating func tick(now: ContinuousClock.Instant) -> [WorkerEffect] {
        var effects: [WorkerEffect] = []
        if let end = self.drainedBy, end <= now {
            for id in self.held.keys.sorted() { effects += self.finish(id, .declined, "draining took too long") }
            return effects + self.drained()
        }
        let repeatAt = now + self.settings.requestTimeout
        for (id, held) in self.held.sorted(by: { $0.key < $1.key }) {
            guard case .sending(let group, let due) = held.stage, due <= now else { continue }
            self.held[id]?.stage = .sending(group, due: repeatAt)
            self.counters[\.groupsResent] += 1
            effects.append(.tellLearner(.rolloutGroup(group)))
        }
        return effects + self.start(now) + self.transferTick(now) + self.drained()
    }

    // MARK: Leases

    /// Generates the leases that allow a resident policy, with the newest of these, and asks for the policy of the others.
    mutating func start(_ now: ContinuousClock.Instant) -> [WorkerEffect] {
        var effects: [WorkerEffect] = []
        for (id, held) in self.held.sorted(by: { $0.key < $1.key }) where held.stage == .waitingForPolicy {
            if let version = self.resident.filter(held.lease.allows).max() {
                self.held[id]?.stage = .generating(version)
                effects.append(.perform(.generate(held.lease, version)))
            } else if self.isFreeToAsk, let wanted = self.version(for: held.lease) {
                effects.append(self.ask(wanted, now))
            }
        }
        return effects
    }

    private mutating func finish(
        _ id: GroupID, _ outcome: LeaseReturn.Outcome, _ reason: String
    ) -> [WorkerEffect] {
        guard let held = self.held.removeValue(forKey: id) else { return [] }
        let lease = LeaseID(group: id, attempt: held.lease.attempt)
        let answer = LeaseReturn(lease: lease, outcome: outcome, reason: reason)
        return [.tellController(.leaseReturn(answer))] + self.drained()
    }

    private mutating func dropLeases(where obsolete: (Lease) -> Bool) -> [WorkerEffect] {
        self.drop { obsolete($0.lease) }
    }

    mutating func drop(where obsolete: (Held) -> Bool) -> [WorkerEffect] {
        var effects: [WorkerEffect] = []
        for (id, held) in self.held.sorted(by: { $0.key < $1.key }) where obsolete(held) {
            self.held[id] = nil
            self.counters[\.leasesObsolete] += 1
            effects += held.stage.cancellation(of: id)
        }
        return effects
    }

    private mutating func drained() -> [WorkerEffect] {
        guard self.draining, self.held.isEmpty, !self.left else { return [] }
        self.left = true
        return self.leave("drained")
    }

    func lease(of group: GroupID) -> Lease? { self.held[group]?.lease }

    /// What the controller should hear about the leases.
    package var heldLeases: [LeaseID] {
        self.held.keys.sorted().compactMap { id in
            self.held[id].map { LeaseID(group: id, attempt: $0.lease.attempt) }
        }
    }
}

extension WorkerState.Stage {
    /// Engine or verifier have it.
    var isProducing: Bool {
        switch self {
        case .generating, .scoring: true
        case .waitingForPolicy, .sending: false
        }
    }

    /// The learner will answer.
    var isSending: Bool { if case .sending = self { true } else { false } }

    /// What has to be stopped when its lease ends early.
    func cancellation(of group: GroupID) -> [WorkerEffect] {
        switch self {
        case .generating: [.cancel(group)]
        case .scoring(let job): [.perform(.cancelScoring(job: job))]
        case .waitingForPolicy, .sending: []
        }
    }
}
