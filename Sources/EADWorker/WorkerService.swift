import EADConfiguration
import EADCore
import EADEngine
import EADEnvironments
import EADMessages
import EADProtocol
package import EADRuntime
import EADSampling
import EADTransport
import Logging
import ServiceLifecycle
import Synchronization

/// The worker's shell: performs what `WorkerState` decides, between two sockets and the engine.
package actor WorkerService: Service {
    private let executor: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    private let context: RoleContext
    private let model: LoadedModel
    private let loop: GenerationLoop
    private let scoring: ScoringLoop
    /// Groups that wait for their verdicts, by number of the job.
    private var unscored: [UInt64: (group: GeneratedGroup, lease: Lease)] = [:]
    private var jobs: UInt64 = 0
    private let clock = ContinuousClock()
    private var state: WorkerState
    private var member: Member
    private var controller: Connection?
    private var learner: Connection?
    private let life = RoleLife()
    private var failure: RoleFailure?

    /// Loads the model file; takes about a second.
    /// - Throws: `RoleFailure` when the model cannot be loaded or the verifier program cannot be started.
    package init(context: RoleContext) throws {
        let configuration = context.configuration
        guard let settings = configuration.worker(context.node) else {
            throw RoleFailure(.usage, "the cluster file has no worker named \(context.node)")
        }
        self.context = context
        self.executor = ThreadExecutor(name: "worker")
        self.model = try LoadedModel(configuration: configuration)
        let compute = ComputeConfiguration(precision: configuration.model.precision, threads: settings.threads)
        let parameters = try self.model.policyBytes(precision: compute.precision, threads: compute.threads)
        let hashes = parameters.withUnsafeBytes { PolicyHashes.chunks(of: $0) }
        self.loop = try GenerationLoop(
            executor: ThreadExecutor(name: "engine"), model: self.model, compute: compute, lanes: settings.lanes,
            parameters: parameters)
        self.scoring = try ScoringLoop(
            task: configuration.task,
            backoff: Backoff(configuration.protocol.backoff, seed: configuration.run.seed), logger: context.logger)
        let samples = max(configuration.training.samplesPerPrompt, 1)
        self.state = WorkerState(
            settings: WorkerState.Settings(
                credit: UInt32(max(settings.lanes / samples, 1)),
                requestTimeout: configuration.protocol.requestTimeout),
            chunkHashes: hashes)
        self.member = context.member(run: nil, now: self.clock.now)
    }

    package func run() async throws {
        let controller = try await self.context.connectToController()
        let learner = try await self.context.connectToLearner()
        self.controller = controller
        self.learner = learner
        let children: [@Sendable () async throws -> Void] = [
            { for await message in controller.inbound { await self.receive(message, .controller) } },
            { for await message in learner.inbound { await self.receive(message, .learner) } },
            { for await event in self.loop.events { await self.receive(event) } },
            { for await scored in self.scoring.results { await self.receive(scored) } },
            { try await self.loop.run() },
            { await self.scoring.run() },
        ]
        do {
            try await self.life.run(
                tick: { await self.tick() }, drain: { await self.drain() },
                children: children)
            if let failure = self.failure { throw failure }
        } catch {
            // A cancelled one is not at fault.
            if !(error is CancellationError) { self.send(.goodbye(Goodbye(failure: error)), on: self.controller) }
            throw error
        }
    }

    // MARK: Inputs

    private enum Peer { case controller, learner }

    private func tick() {
        let now = self.clock.now
        self.perform(self.state.tick(now: now))
        self.member.tick(now: now).map { self.perform($0) }
    }

    private func receive(_ message: InboundMessage, _ peer: Peer) {
        guard let envelope = self.context.decode(message) else { return }
        let now = self.clock.now
        switch envelope.message {
        case .leaseOffer(let offer):
            self.perform(self.state.receive(offer, now: now))
        case .groupAck(let ack):
            self.perform(self.state.receive(ack))
            self.member.hurry(now: now)
        case .policyManifest(let manifest):
            self.perform(self.state.receive(manifest, now: now))
        case .policyChunk(let chunk):
            self.receive(chunk, payload: message.parts.count > 1 ? message.parts[1] : nil, now)
        case .refusal(let refusal) where peer == .learner:
            self.perform(self.state.policyRefused(refusal.reason, now: now))
        default:
            self.member.receive(envelope.message, now: now).map { self.perform($0) }
        }
    }

    private func receive(_ chunk: PolicyChunk, payload: SharedBytes?, _ now: ContinuousClock.Instant) {
        guard let manifest = self.state.wantedManifest, manifest.version == chunk.version,
            let chunking = manifest.chunking, Int(chunk.index) < chunking.count,
            manifest.totalBytes == UInt64(self.loop.parameterBytes)
        else { return }
        let range = chunking.range(of: Int(chunk.index))
        let intact = payload.map { payload in
            payload.count == range.count
                && payload.withUnsafeBytes { PolicyHashes.hash($0) } == manifest.chunkHashes[Int(chunk.index)]
        }
        if let payload, intact == true { self.loop.post(.write(payload, offset: Int(range.lowerBound))) }
        self.perform(self.state.receivedChunk(chunk, intact: intact == true, now: now))
    }

    private func receive(_ event: GenerationLoop.Event) {
        let now = self.clock.now
        switch event {
        case .installed(let manifest):
            self.perform(self.state.installed(manifest, now: now))
        case .rejected(let id, let reason):
            self.perform(self.state.failed(id, reason: reason))
        case .generated(let group):
            guard let lease = self.state.lease(of: group.id) else { return }
            self.jobs += 1
            self.unscored[self.jobs] = (group, lease)
            self.scoring.post(
                ScoringLoop.Job(number: self.jobs, problem: lease.problem, responses: self.model.responses(group)))
        }
    }

    private func receive(_ scored: ScoringLoop.Scored) {
        // Nil after a cancelled lease.
        guard let (group, lease) = self.unscored.removeValue(forKey: scored.number) else { return }
        self.finish(group, lease, scored.verdicts)
    }

    private func finish(_ group: GeneratedGroup, _ lease: Lease, _ verdicts: [Verdict?]) {
        let now = self.clock.now
        if lease.group.purpose == .evaluation {
            let samples = self.model.grade(group, lease: lease, verdicts: verdicts)
            self.perform(self.state.evaluated(group.id, samples, now: now))
            self.member.hurry(now: now)
        } else {
            let rollouts = self.model.rollouts(group, lease: lease, verdicts: verdicts)
            self.perform(self.state.generated(rollouts, now: now))
        }
    }

    private func cancel(_ id: GroupID) {
        self.loop.post(.cancel(id))
        for (number, job) in self.unscored where job.group.id == id {
            self.unscored[number] = nil
            self.scoring.cancel(number)
        }
    }

    private func drain() { self.perform(self.state.drain(now: self.clock.now)) }

    // MARK: Effects

    private func perform(_ effects: [WorkerEffect]) {
        for effect in effects {
            switch effect {
            case .tellController(let message): self.send(message, on: self.controller)
            case .tellLearner(let message): self.send(message, on: self.learner)
            case .generate(let lease):
                self.loop.post(.generate(self.model.request(for: lease)))
            case .cancel(let id): self.cancel(id)
            case .beginDownload(let manifest):
                if manifest.totalBytes != UInt64(self.loop.parameterBytes) || manifest.chunking == nil {
                    self.fail(
                        RoleFailure(
                            .data,
                            "the learner's policy has \(manifest.totalBytes) bytes, this worker's model file gives "
                                + "\(self.loop.parameterBytes); use the same model file on every host"))
                }
            case .install(let manifest): self.loop.post(.install(manifest))
            case .say(.information, let text): self.context.logger.info("\(text)")
            case .say(.warning, let text): self.context.logger.warning("\(text)")
            case .leave(let reason):
                self.send(.goodbye(Goodbye(reason: reason)), on: self.controller)
                self.finish()
            }
        }
    }

    private func perform(_ duty: Member.Duty) {
        switch duty {
        case .hello: self.send(.hello(self.hello()), on: self.controller)
        case .heartbeat: self.send(.heartbeat(self.heartbeat(self.clock.now)), on: self.controller)
        case .search(let silent):
            self.context.logger.warning("the controller is silent for \(silent); work goes on")
        }
    }

    private func perform(_ news: Member.News) {
        switch news {
        case .joined(let welcome, let before):
            if let before, before != welcome.run { self.perform(self.state.changeRun()) }
            self.context.logger.info("joined run \(welcome.run) as epoch \(welcome.epoch)")
        case .heard(let reply):
            self.perform(self.state.follow(reply.step))
            if reply.stop { self.drain() }
        case .refused(let refusal): self.fail(RoleFailure(refusal))
        }
    }

    private func send(_ message: Message, on connection: Connection?) {
        self.context.send(self.member.stamp.stamp(message), on: connection)
    }

    private func fail(_ failure: RoleFailure) {
        self.failure = failure
        self.finish()
    }

    private func finish() { self.life.finish() }

    // MARK: Membership

    private func hello() -> Hello {
        self.context.logHello(searchingSince: self.member.searchingSince, now: self.clock.now)
        return self.member.hello()
    }

    private func heartbeat(_ now: ContinuousClock.Instant) -> Heartbeat {
        let tokens = self.loop.counters.tokens.load(ordering: .relaxed)
        let leases = self.state.heldLeases
        let gauges = Gauges(
            progress: self.loop.progress.value + self.scoring.progress, tokens: tokens,
            residentBytes: ProcessIdentity.residentBytes)
        var heartbeat = self.member.heartbeat(
            leases.isEmpty ? "idle" : self.state.waitingFor == nil ? "generating" : "fetching policy",
            waitingFor: self.state.waitingFor ?? (leases.isEmpty ? "a lease" : nil), gauges: gauges,
            version: self.state.installed ?? PolicyVersion(0), draining: self.state.draining, now: now)
        heartbeat.credit = self.state.draining ? 0 : self.state.settings.credit
        heartbeat.leases = leases
        return heartbeat
    }
}
