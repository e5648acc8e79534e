import EADAlgorithms
import EADConfiguration
import EADCore
import EADEngine
import EADFiles
import EADMessages
import EADProtocol
package import EADRuntime
import EADTransport
import Logging
import ServiceLifecycle

/// The learner's shell: performs what `LearnerState` decides, between its sockets, its journal and the engine.
package actor LearnerService: Service {
    private let executor: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    private let context: RoleContext
    private let loop: TrainingLoop
    private let journal: RolloutJournal
    private let clock = ContinuousClock()
    private var state: LearnerState<EADTransport.Peer>
    private var member: Member
    /// Nil while the next version is written into its memory.
    private var published: SharedBytes?
    private var checkpointed: GlobalStep?
    private var listener: Listener?
    private var controller: Connection?
    private var failure: RoleFailure?
    private let life = RoleLife()

    /// Loads the newest checkpoint, or the model file, and trains the journalled steps the checkpoint lacks.
    /// - Throws: `RoleFailure` when neither can be loaded, or another learner uses the run directory.
    package init(context: RoleContext) throws {
        let configuration = context.configuration
        let journal = try RolloutJournal(directory: context.directory.journal)
        let (loop, recovered) = try TrainingLoop.start(context)
        self.executor = ThreadExecutor(name: "learner")
        self.context = context
        self.journal = journal
        self.loop = loop
        self.checkpointed = recovered.checkpoint
        self.published = recovered.bytes
        var state = LearnerState<EADTransport.Peer>(
            settings: LearnerState.Settings(configuration, vocabulary: loop.shape.vocabulary), run: recovered.run,
            step: recovered.step, manifest: recovered.manifest, report: recovered.report)
        for group in recovered.pending { state.restore(group) }
        self.state = state
        self.member = context.member(run: recovered.run, now: self.clock.now)
    }

    package func run() async throws {
        let configuration = self.context.configuration
        let listener = try await self.context.transport.listen(on: configuration.learner.bind)
        let controller = try await self.context.connectToController()
        self.listener = listener
        self.controller = controller
        self.context.logger.info("listening on \(listener.endpoint), at step \(self.state.step)")
        do {
            try await self.life.run(
                tick: { await self.tick() }, drain: { await self.drain() },
                children: [
                    { for await message in listener.inbound { await self.receive(fromWorker: message) } },
                    { for await message in controller.inbound { await self.receive(fromController: message) } },
                    { for await event in self.loop.events { try await self.receive(event) } },
                    { try await self.loop.run() },
                ])
            if let failure = self.failure { throw failure }
        } catch {
            // A cancelled one is not at fault.
            if !(error is CancellationError) { self.tellController(.goodbye(Goodbye(failure: error))) }
            throw error
        }
    }

    // MARK: Inputs

    private func tick() { self.member.tick(now: self.clock.now).map { self.perform($0) } }

    private func receive(fromWorker message: InboundMessage) {
        guard let peer = message.peer, let envelope = self.context.decode(message) else { return }
        self.perform(self.state.receive(envelope, from: peer))
    }

    private func receive(fromController message: InboundMessage) {
        guard let envelope = self.context.decode(message) else { return }
        self.member.receive(envelope.message, now: self.clock.now).map { self.perform($0) }
    }

    private func receive(_ event: TrainingLoop.Event) throws {
        switch event {
        case .updated: self.perform(self.state.updated())
        case .published(let report, let manifest, let bytes):
            self.published = bytes
            self.perform(self.state.published(report, manifest: manifest))
            self.member.hurry(now: self.clock.now)
        case .checkpointed(let step):
            self.checkpointed = step
            try self.journal.discard(before: step)
            self.perform(self.state.checkpointed())
        }
    }

    private func drain() {
        self.perform(self.state.drain(checkpointIsCurrent: self.checkpointed == self.state.step))
    }

    // MARK: Effects

    private func perform(_ effects: [LearnerEffect<EADTransport.Peer>]) {
        for effect in effects {
            switch effect {
            case .journal(let group, let run):
                do { try self.journal.append(group, run: run) } catch { return self.fail(RoleFailure(error)) }
            case .answer(let message, let peer, let number): self.answer(message, to: peer, inReplyTo: number)
            case .tellController(let message): self.tellController(message)
            case .train(let step, let groups): self.loop.post(.train(step, groups))
            case .publish:
                self.published = nil
                self.loop.post(.publish)
            case .checkpoint(let step): self.loop.post(.checkpoint(step))
            case .sendChunk(let chunk, let peer, let number): self.send(chunk, to: peer, inReplyTo: number)
            case .say(.warning, let text): self.context.logger.warning("\(text)")
            case .leave(let reason):
                self.tellController(.goodbye(Goodbye(reason: reason)))
                self.life.finish()
            }
        }
    }

    private func perform(_ duty: Member.Duty) {
        switch duty {
        case .hello: self.tellController(.hello(self.hello(self.clock.now)))
        case .heartbeat: self.tellController(.heartbeat(self.heartbeat(self.clock.now)))
        case .search(let silent):
            self.context.logger.warning("the controller is silent for \(silent); work goes on")
        }
    }

    private func perform(_ news: Member.News) {
        switch news {
        case .joined(let welcome, _):
            self.loop.post(.adopt(welcome.run))
            self.context.logger.info("joined run \(welcome.run) as epoch \(welcome.epoch)")
            self.perform(self.state.joined(welcome.run))
        case .heard(let reply):
            self.perform(self.state.controller(isAt: reply.step))
            if reply.stop { self.drain() }
        case .refused(let refusal): self.fail(RoleFailure(refusal))
        }
    }

    private func tellController(_ message: Message) {
        self.context.send(self.member.stamp.stamp(message), on: self.controller)
    }

    private func answer(_ message: Message, to peer: EADTransport.Peer, inReplyTo number: UInt64) {
        let envelope = self.member.stamp.stamp(message, inReplyTo: number)
        self.context.send(envelope, payload: nil, to: peer, on: self.listener)
    }

    private func send(_ chunk: PolicyChunk, to peer: EADTransport.Peer, inReplyTo number: UInt64) {
        guard let range = self.state.manifest.chunking?.range(of: Int(chunk.index)), let published = self.published
        else {
            preconditionFailure("chunks are sent of a version that is there, which a manifest made here describes")
        }
        let bytes = Int(range.lowerBound)..<Int(range.upperBound)
        let envelope = self.member.stamp.stamp(.policyChunk(chunk), inReplyTo: number)
        self.context.send(envelope, payload: published.slice(bytes), to: peer, on: self.listener)
    }

    private func fail(_ failure: RoleFailure) {
        self.failure = failure
        self.life.finish()
    }

    // MARK: Membership

    private func hello(_ now: ContinuousClock.Instant) -> Hello {
        self.context.logHello(searchingSince: self.member.searchingSince, now: now)
        return self.member.hello(
            nextStep: self.state.step, acceptedSlots: self.state.acceptedSlots, slotCount: self.state.slotCount)
    }

    private func heartbeat(_ now: ContinuousClock.Instant) -> Heartbeat {
        let activity =
            switch self.state.activity {
            case .collecting: "collecting"
            case .training: "training"
            case .checkpointing: "checkpointing"
            }
        let held = self.state.acceptedSlots.count
        let waiting =
            self.state.activity == .collecting && !self.state.isFinished
            ? "rollouts: \(held) of \(self.state.slotCount) groups" : nil
        let gauges = Gauges(
            progress: self.loop.progress.value, tokens: self.loop.counters.tokens.count,
            residentBytes: ProcessIdentity.residentBytes)
        return self.member.heartbeat(
            activity, waitingFor: waiting, gauges: gauges, version: self.state.manifest.version,
            draining: self.state.draining, now: now)
    }
}

extension LearnerState.Settings {
    init(_ configuration: ClusterConfiguration, vocabulary: Int) {
        self.init(
            groupsPerStep: UInt32(configuration.training.promptsPerStep),
            groupFilter: configuration.algorithm.groupFilter, maximumSlots: UInt32(configuration.maximumSlots),
            samplesPerGroup: UInt32(configuration.training.samplesPerPrompt), vocabulary: UInt32(vocabulary),
            totalSteps: UInt64(configuration.run.steps), checkpointEvery: UInt64(configuration.checkpoint.every),
            stalenessBound: UInt64(configuration.training.stalenessBound))
    }
}
