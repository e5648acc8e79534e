package import EADAlgorithms
package import EADCore
package import EADMessages
package import EADProtocol
import EADTelemetry

/// The learner as a value: which groups of the step it holds, which version it offers, what it still has to report.
package struct LearnerState: Sendable {
    package typealias Effect = LearnerEffect

    package struct Settings: Sendable {
        /// Groups a step is trained on.
        package var groupsPerStep: UInt32
        /// Which groups those may be.
        package var groupFilter: GroupFilter
        /// Groups that may be taken for one step to find them; at least `groupsPerStep`.
        package var maximumSlots: UInt32
        package var samplesPerGroup: UInt32
        /// What responses can be.
        package var terms: ResponseTerms
        package var totalSteps: UInt64
        package var checkpointEvery: UInt64
        package var stalenessBound: UInt64
        /// Whether responses may go on with newer policies than they began with.
        package var mixesVersions: Bool
        /// Whether equal leases give equal samples on every host.
        package var isBitExact: Bool

        package init(
            groupsPerStep: UInt32, groupFilter: GroupFilter = .none, maximumSlots: UInt32? = nil,
            samplesPerGroup: UInt32, terms: ResponseTerms, totalSteps: UInt64, checkpointEvery: UInt64,
            stalenessBound: UInt64, mixesVersions: Bool = false, isBitExact: Bool = true
        ) {
            self.groupsPerStep = groupsPerStep
            self.groupFilter = groupFilter
            self.maximumSlots = maximumSlots ?? groupsPerStep
            self.samplesPerGroup = samplesPerGroup
            self.terms = terms
            self.totalSteps = totalSteps
            self.checkpointEvery = checkpointEvery
            self.stalenessBound = stalenessBound
            self.mixesVersions = mixesVersions
            self.isBitExact = isBitExact
        }

        /// An empty step.
        package func assembler(of step: GlobalStep) -> BatchAssembler {
            let filter = self.groupFilter
            return BatchAssembler(
                step: step, slots: Int(self.groupsPerStep), samples: Int(self.samplesPerGroup),
                bound: self.stalenessBound, maximumSlots: Int(self.maximumSlots), terms: self.terms,
                mixesVersions: self.mixesVersions
            ) { group in
                // What has no score is not trained on and says nothing about the group.
                filter == .none
                    || group.scored(atLeast: 2).map { filter.keeps(rewards: $0.rewards) } ?? false
            }
        }

        package var gate: StalenessGate { StalenessGate(bound: self.stalenessBound) }

        /// The open steps when `step` is trained next, empty.
        func window(at step: GlobalStep) -> BatchWindow {
            BatchWindow(at: step, gate: self.gate, totalSteps: self.totalSteps, makeBatch: self.assembler)
        }
    }

    package enum Activity: Hashable, Sendable {
        /// The engine loads the weights, and trains steps of the journal again. Groups are taken meanwhile.
        case recovering
        case collecting, training, checkpointing
    }

    let settings: Settings
    /// The run the weights belong to; nil before the controller named it.
    package private(set) var run: RunID?
    /// The next step to train; also the version of the published policy.
    package private(set) var step: GlobalStep
    package private(set) var activity = Activity.recovering
    /// The journalled step that is trained again; nil while the weights are loaded.
    private(set) var retrainedStep: GlobalStep?
    /// The controller admitted it once.
    private var hasJoined = false
    package var member: Member
    package var refusals = Refusals()
    /// The version that workers fetch.
    private var offer: PolicyOffer
    /// The step of the newest checkpoint; nil without one.
    private var checkpoint: GlobalStep?
    /// The groups of the open steps.
    var window: BatchWindow
    /// The reports of the last steps, in order, repeated until the controller has moved on.
    var unheard: [StepReport] = []
    /// The engine came to an earlier step than the files had promised, and the controller has yet to admit it there.
    var wentBack = false
    package private(set) var draining = false
    private var left = false
    package internal(set) var counters = MetricCounters()

    /// A learner whose engine has yet to come to where its files say that it was.
    /// - Parameters:
    ///   - member: Belongs to the run of the checkpoint or the journal; to none for a learner without past.
    ///   - step: The one it goes on with once the engine has trained those before it again.
    ///   - checkpoint: The step of the newest checkpoint; nil without one.
    package init(settings: Settings, member: Member, step: GlobalStep, checkpoint: GlobalStep?) {
        self.settings = settings
        self.member = member
        self.run = member.run
        self.step = step
        self.checkpoint = checkpoint
        self.offer = PolicyOffer(awaiting: step.startVersion)
        self.window = settings.window(at: step)
    }

    /// Of the policy that can be fetched; nil before there is one.
    package var manifest: PolicyManifest? { self.offer.manifest }
    /// Of its weights, published or about to be.
    var latestVersion: PolicyVersion { self.offer.latestVersion }
    package var acceptedSlots: [UInt32] { self.window.current.acceptedSlots }
    /// Slots the step has by now: one per group it needs, and one more for each that its filter refused.
    package var slotCount: UInt32 { UInt32(self.window.current.slotCount) }
    /// Groups that arrived a second time with other samples: two workers compute differently.
    package var differingDuplicates: Int { self.window.differingDuplicates }
    package var isFinished: Bool { self.step.rawValue >= self.settings.totalSteps }

    // MARK: Inputs

    /// The controller admitted the learner to a run; it never admits one whose weights belong to another.
    package mutating func joined(_ run: RunID) -> [Effect] {
        self.run = run
        self.hasJoined = true
        self.wentBack = false
        return self.proceed()
    }

    /// The weights are loaded, and those of the steps before `step`.
    package mutating func recovering(at step: GlobalStep) -> [Effect] {
        self.retrainedStep = step
        return []
    }

    /// The engine has come to where it goes on.
    package mutating func recovered(_ recovered: Recovered) -> [Effect] {
        guard !self.left else { return [] }
        self.activity = .collecting
        self.retrainedStep = nil
        self.checkpoint = recovered.checkpoint
        // Nobody may have heard of them.
        self.unheard = recovered.reports
        var effects: [Effect] = []
        if recovered.step != self.step { effects += self.goBack(to: recovered) }
        for (answer, peer, number) in self.offer.publish(recovered.manifest, bytes: recovered.bytes) {
            effects += self.give(answer, to: peer, number: number)
        }
        if self.draining { return effects + self.leaveDurably() }
        return self.hasJoined ? effects + self.proceed() : effects
    }

    /// The engine could not use all that the files promised: the run is taken back to where it is.
    private mutating func goBack(to recovered: Recovered) -> [Effect] {
        let promised = self.step
        let held = recovered.pending + self.window.journalled
        self.step = recovered.step
        self.run = self.run ?? recovered.run
        self.window = self.settings.window(at: self.step)
        let lost = self.restore(held)
        var effects: [Effect] = [
            .tellOperator(
                .warning,
                "its files promised step \(promised), and gave step \(self.step): the steps between are repeated")
        ]
        if !lost.isEmpty { effects.append(.perform(.forget(lost))) }
        self.wentBack = true
        // The controller learns from a hello where a learner is; one that says otherwise may be under way.
        let isAdmitted = self.member.isAdmitted
        self.member.introduceAgain()
        return isAdmitted ? effects + [.send(.hello(self.hello), to: .controller)] : effects
    }

    /// Takes a worker's message. Answers go to `peer`.
    ///
    /// A learner that knows no run cannot tell whose groups they are: the worker repeats until it does.
    package mutating func receive(_ envelope: Envelope, from peer: Peer) -> [Effect] {
        // To answer a refusal with a refusal would never end.
        if case .refusal(let refusal) = envelope.message {
            return [.tellOperator(.warning, "\(envelope.sender) refused a message: \(refusal.reason)")]
        }
        guard let run = self.run else { return [] }
        guard envelope.run == run else {
            return self.refuse(.otherRun, "this learner belongs to run \(run)", peer, envelope.number)
        }
        switch envelope.message {
        case .rolloutGroup(let group):
            return self.take(group, of: run, by: envelope.sender, from: peer, number: envelope.number)
        case .manifestRequest(let request):
            let answer = self.offer.describe(request, to: peer, number: envelope.number)
            return self.give(answer, to: peer, number: envelope.number)
        case .chunkRequest(let request):
            return self.give(self.offer.chunk(request), to: peer, number: envelope.number)
        default:
            return self.refuse(.invalid, "the learner does not take this message", peer, envelope.number)
        }
    }

    /// Takes back what the journal has of the open steps after a restart; it is not journalled or acknowledged again.
    /// - Returns: Steps whose groups are of a past that is lost; nothing of them is taken.
    package mutating func restore(_ held: [JournalledStep]) -> [GlobalStep] {
        held.filter { !self.window.restore($0) }.compactMap(\.step)
    }

    /// Trains when the batch is complete.
    private mutating func proceed() -> [Effect] {
        guard self.activity == .collecting, self.window.current.isComplete, !self.isFinished, !self.draining else {
            return self.drained()
        }
        self.activity = .training
        let groups = self.window.takeGroups()
        let train = Effect.train(self.step, groups)
        guard self.window.current.isExhausted else { return [train] }
        let (kept, taken) = (groups.count, self.window.current.acceptedCount)
        return [
            .tellOperator(
                .warning,
                "step \(self.step) is trained on \(kept) groups instead of \(self.settings.groupsPerStep): "
                    + "group_filter \(self.settings.groupFilter.rawValue) keeps no more of the \(taken) that "
                    + "group_filter_rounds allows"), train,
        ]
    }

    /// The engine finished a step; nobody can fetch anything until its new version is published.
    package mutating func updated() -> [Effect] {
        self.offer.withdraw()
        return [.perform(.publish)]
    }

    /// The engine found groups that the policy of the step cannot have sampled: they are thrown out, with the names of
    /// those who sent them, and sampled again.
    package mutating func refused(_ step: GlobalStep, _ groups: [RefusedGroup]) -> [Effect] {
        guard let run = self.run, self.activity == .training, step == self.step else {
            preconditionFailure("step \(step) is not being trained")
        }
        let discarded = self.window.discard(groups)
        self.counters[\.groupsDiscarded] += UInt64(discarded.count)
        self.activity = .collecting
        var effects: [Effect] = [.perform(.discard(discarded, run))]
        effects += discarded.map {
            .tellOperator(
                .warning, "\($0.lease.group) of \($0.sender) is thrown out, to be sampled again: \($0.reason)")
        }
        effects += self.tellHeld(of: step)
        return effects + (self.draining ? self.leaveDurably() : [])
    }

    /// The version after a step is ready to be fetched.
    package mutating func published(
        _ report: StepReport, manifest: PolicyManifest, bytes: SharedBytes, delta: PublishedDelta? = nil
    ) -> [Effect] {
        var report = report
        report.metrics[\.groupsDiffering] = Double(self.differingDuplicates)
        report.metrics.merge(self.window.current.samplingMetrics)
        self.step = report.step.next
        self.unheard.append(report)
        self.window.move(to: self.step)
        var effects: [Effect] = [.tellController(.stepReport(report))]
        for (answer, peer, number) in self.offer.publish(manifest, bytes: bytes, delta: delta) {
            effects += self.give(answer, to: peer, number: number)
        }
        let due = self.step.rawValue.isMultiple(of: max(self.settings.checkpointEvery, 1)) || self.isFinished
        if due || self.draining {
            self.activity = .checkpointing
            effects.append(.checkpoint(self.step))
        } else {
            self.activity = .collecting
            effects += self.proceed()
        }
        return effects
    }

    /// The checkpoint of the step is durable.
    package mutating func checkpointed(_ step: GlobalStep) -> [Effect] {
        self.checkpoint = step
        self.activity = .collecting
        return [.perform(.discardJournal(before: step))] + self.proceed()
    }

    /// The controller answers heartbeats with the step it is at: what it does not know is told again.
    package mutating func controller(isAt step: GlobalStep) -> [Effect] {
        self.unheard.removeAll { $0.step < step }
        if self.unheard.first?.step == step { return self.unheard.map { .tellController(.stepReport($0)) } }
        // The report of the step before may be about to be made again.
        if self.activity == .recovering, step < self.step { return [] }
        var held = self.window.held
        // One that is further behind has lost more than these reports: it is told where the learner is.
        if step < self.step { held[0].nextStep = self.step }
        return held.filter { !$0.isEmpty || $0.nextStep != nil }.map { .tellController(.groupsAccepted($0)) }
    }

    /// SIGTERM or the end of the run: finish the step under way, make it durable, leave.
    package mutating func drain() -> [Effect] {
        guard !self.draining else { return [] }
        self.draining = true
        switch self.activity {
        case .recovering where !self.isFinished:
            // All that the engine has to do can be done again from what is on disk.
            self.left = true
            return self.leave("told to leave while it was recovering")
        case .recovering, .training, .checkpointing: return []
        case .collecting: return self.leaveDurably()
        }
    }

    private mutating func leaveDurably() -> [Effect] {
        // A checkpoint belongs to a run. Before the controller has named one there is nothing to save: what was trained
        // again from the journal is still in the journal.
        if self.checkpoint == self.step || self.run == nil { return self.drained() }
        self.activity = .checkpointing
        return [.checkpoint(self.step)]
    }

    // MARK: Details

    private mutating func take(
        _ group: RolloutGroup, of run: RunID, by sender: NodeID, from peer: Peer, number: UInt64
    ) -> [Effect] {
        let lease = LeaseID(group: group.id, attempt: group.attempt)
        func ack(_ status: GroupAck.Status, _ reason: String = "") -> Effect {
            .answer(.groupAck(GroupAck(lease: lease, status: status, reason: reason)), to: peer, inReplyTo: number)
        }
        let differing = self.window.differingDuplicates
        switch self.window.receive(group: group, from: sender) {
        case .accept:
            self.counters[\.groupsAccepted] += 1
            return [.journal(ReceivedGroup(group, from: sender), run), ack(.accepted)]
                + self.tellHeld(of: group.id.step) + self.proceed()
        case .duplicate:
            self.counters[\.groupsDuplicate] += 1
            guard self.settings.isBitExact, self.window.differingDuplicates > differing else {
                return [ack(.duplicate)]
            }
            return [
                ack(.duplicate),
                .tellOperator(
                    .warning,
                    "\(group.id) came from \(sender) with other samples than before: two workers compute "
                        + "differently, compare their builds and model files"),
            ]
        case .early:
            // Opened in an earlier life whose groups are lost: it will be opened, and leased, again.
            self.counters[\.groupsEarly] += 1
            let count = self.window.held.first { $0.step == group.id.step }?.slotCount ?? 0
            return [ack(.stale, "step \(group.id.step) has \(count) slots by now")]
        case .stale:
            self.counters[\.groupsStale] += 1
            let reason = group.id.step >= self.step ? "its policy is too old, or it was thrown out" : "it is over"
            return [ack(.stale, "the learner is at step \(self.step): \(reason)")]
        case .refuse(let reason):
            self.counters[\.groupsRefused] += 1
            return [ack(.refused, reason)]
        }
    }

    private func tellHeld(of step: GlobalStep) -> [Effect] {
        self.window.held.filter { $0.step == step }.map { .tellController(.groupsAccepted($0)) }
    }

    private mutating func give(_ answer: PolicyOffer.Answer, to peer: Peer, number: UInt64) -> [Effect] {
        switch answer {
        case .manifest(let manifest): [.answer(.policyManifest(manifest), to: peer, inReplyTo: number)]
        case .chunk(let chunk, let bytes):
            [.send(.policyChunk(chunk), payload: bytes, to: .peer(peer), inReplyTo: number)]
        case .refusal(let reason): self.refuse(.invalid, reason, peer, number)
        case .later: []
        }
    }

    private mutating func refuse(
        _ code: Refusal.Code, _ reason: String, _ peer: Peer, _ number: UInt64
    ) -> [Effect] {
        self.counters[\.requestsRefused] += 1
        return [.answer(.refusal(Refusal(code: code, reason: reason)), to: peer, inReplyTo: number)]
    }

    private mutating func drained() -> [Effect] {
        guard self.draining, self.activity == .collecting, !self.left else { return [] }
        self.left = true
        return self.leave(self.isFinished ? "finished" : "drained")
    }
}

extension GroupsAccepted {
    /// Whether there is nothing to be told of the step.
    var isEmpty: Bool { self.slots.isEmpty && self.discarded.isEmpty }
}

extension BatchAssembler {
    /// How a step's groups were found.
    var samplingMetrics: MetricValues {
        var values = MetricValues()
        values[\.groupsSampled] = Double(self.acceptedCount)
        values[\.groupsFiltered] = Double(self.filteredCount)
        values[\.filterExhausted] = self.isExhausted ? 1 : 0
        values[\.rewardSampled] = self.sampledReward
        return values
    }
}
