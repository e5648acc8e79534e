import EADAlgorithms
import EADConfiguration
import EADController
import EADCore
import EADEvaluation
import EADLearner
import EADMessages
import EADProtocol
import EADTestKit
import EADWorker

/// A whole cluster in virtual time: the real state machines of every role, a network that delays, drops and cuts, and
/// processes that die or freeze at any instant and come back with what they had made durable.
///
/// Engine and disk are modelled: a rollout is a function of its lease and of the weights, the weights after a step are
/// a function of the weights before it and of the step's groups. So equal final weights mean that every step was
/// trained once, on the right groups, in the right order.
package final class Simulation {
    /// One life of a process, as answers are addressed to it.
    struct Address: Hashable, Comparable, Sendable {
        var node: NodeID
        var life: Int
        static func < (lhs: Address, rhs: Address) -> Bool { (lhs.node, lhs.life) < (rhs.node, rhs.life) }

        init(node: NodeID, life: Int) { (self.node, self.life) = (node, life) }

        /// As the roles know it: the life in two bytes, then the name.
        init(_ peer: Peer) {
            let bytes = peer.routingID
            self.init(
                node: NodeID(String(decoding: bytes.dropFirst(2), as: UTF8.self)),
                life: Int(bytes[0]) << 8 | Int(bytes[1]))
        }
        var peer: Peer {
            Peer(
                routingID: [UInt8(truncatingIfNeeded: self.life >> 8), UInt8(truncatingIfNeeded: self.life)]
                    + self.node.rawValue.utf8)
        }
    }

    static let controllerNode = NodeID("controller")
    static let learnerNode = NodeID("learner")
    static let second = Duration.seconds(1)
    /// How often a process looks at the time, which a real one does four times as often; letters come in between.
    static let tick = Duration.milliseconds(400)

    let settings: ControllerSettings
    /// How long an engine takes for a group.
    var groupMilliseconds = 100..<1100
    /// The learner's.
    let filter: GroupFilter
    let workerNodes: [NodeID]
    let nodes: [NodeID]
    let faults: Faults
    /// Of each kind of fault.
    let rates: [Double]
    var random: SplitMix64
    var now = ContinuousClock.Instant.now
    let start: ContinuousClock.Instant

    /// The controller's file.
    var snapshot: RunSnapshot
    /// What the disks were like every now and then.
    var copies = Copies()
    var log: [RunEvent] = []
    var evaluationFiles: [PolicyVersion: [GradedProblem]] = [:]
    var controller: ControllerState?
    /// The controller ended the run; without it the time limit did.
    var finished = false
    /// Why the run ended before it was done, where it could not be carried on.
    var ending: String?
    /// Times a controller that had left was started again for a learner that had not finished.
    var restarts = 0

    var disk = Disk()
    var learner: LearnerState?
    var weights: UInt64 = 17
    /// The run the weights belong to, and the last step they were trained on.
    var run: RunID?
    var trainedStep = GlobalStep(0)
    /// What the learner published last in its life: deltas begin there.
    var publishedBefore: (version: PolicyVersion, weights: UInt64)?
    /// Of the learner that lives.
    var assembler: (@Sendable (GlobalStep) -> BatchAssembler)?
    var learnerJobs: [(due: ContinuousClock.Instant, command: LearnerCommand)] = []

    var workers: [NodeID: WorkerState] = [:]
    var engines: [NodeID: SimulatedEngine] = [:]
    /// How often each node's engine got on.
    var progress: [NodeID: UInt64] = [:]

    var network = Network()
    var lives: [NodeID: Int] = [:]
    /// Disks without room.
    var fullUntil: [NodeID: ContinuousClock.Instant] = [:]
    var pausedUntil: [NodeID: ContinuousClock.Instant] = [:]
    var cutUntil: [NodeID: ContinuousClock.Instant] = [:]
    var linkCuts: [Link: ContinuousClock.Instant] = [:]
    var revivals: [NodeID: ContinuousClock.Instant] = [:]
    /// Said goodbye: not started again.
    var left: Set<NodeID> = []
    var ledger = Ledger()
    /// How often each kind of fault happened that has a rate.
    var fired = [Int](repeating: 0, count: Faults.Kind.allCases.count)
    /// How fast each node's clock goes.
    private let pace: [NodeID: Double]
    /// The highest epoch that each node has said.
    var newestEpoch: [NodeID: Epoch] = [:]
    /// Asked to leave by a fault, and to be started again.
    var draining: Set<NodeID> = []
    /// All that was delivered and all that was decided so far, in its order.
    package private(set) var trace: UInt64 = 0
    /// What the observer holds the cluster to; the settings' own, unless a mutant is to be caught.
    var gate: StalenessGate
    /// What workers do with groups under way when they have the next version; of asynchronous runs.
    var weightSwap = TrainingConfiguration.WeightSwap.pinned
    /// How long things take where that matters; nil for short times drawn at random.
    var decoding: SimulatedDecoding?

    init(seed: UInt64, workers: Int, settings: ControllerSettings, filter: GroupFilter = .none, faults: Faults) {
        var random = SplitMix64(seed: seed)
        self.settings = settings
        self.gate = settings.gate
        self.filter = filter
        self.faults = faults
        self.rates = Faults.Kind.allCases.map { faults[keyPath: $0.rate] }
        let workerNodes = (0..<workers).map { NodeID("worker-\($0)") }
        self.workerNodes = workerNodes
        self.nodes = [Self.controllerNode, Self.learnerNode] + workerNodes
        var pace: [NodeID: Double] = [:]
        if faults.clockDrift > 0 {
            for node in self.nodes {
                pace[node] = 1 + faults.clockDrift * (random.uniform() - 0.5)
            }
        }
        self.pace = pace
        self.random = random
        self.start = self.now
        let run = RunID(bytes: [UInt8](repeating: 7, count: 16))!
        self.snapshot = RunSnapshot(run: run, configurationHash: "")
        for node in self.nodes { self.revivals[node] = self.now }
        for node in self.workerNodes.suffix(faults.latecomers) {
            self.revivals[node] = self.now + .milliseconds(Int64(self.random.next() % 60_000))
        }
    }

    /// What a node takes the time to be.
    func clock(_ node: NodeID) -> ContinuousClock.Instant {
        guard let pace = self.pace[node] else { return self.now }
        return self.start + self.elapsed * pace
    }

    /// Something more has happened.
    func note(_ values: UInt64...) { for value in values { self.trace = Self.mix(self.trace, value) } }

    var elapsed: Duration { self.start.duration(to: self.now) }

    /// Runs until the controller exits, or the virtual time limit passes.
    ///
    /// A run that ended without the learner is started again, as a person would, and so are nodes that left and are
    /// waited for.
    func run(limit: Duration = .seconds(3000)) {
        while self.elapsed < limit {
            self.advance(.milliseconds(50))
            if self.ending != nil { return }
            self.startWhoeverIsMissed()
            guard self.finished else { continue }
            if self.disk.checkpoint.step.rawValue >= self.settings.plan.steps { return }
            self.finished = false
            self.kill(Self.controllerNode)
            self.restarts += 1
        }
    }

    /// Everybody had left a finished run that went back since, with the files of its controller or its learner, or because
    /// the hello of an earlier learner came late.
    private func startWhoeverIsMissed() {
        guard self.happen(.oldFiles, .late), self.elapsed > self.faults.end, !self.left.isEmpty else { return }
        // Some may have stayed that only fail.
        switch self.controller?.wait {
        case .joining, .room: break
        default: return
        }
        for node in self.left where self.revivals[node] == nil { self.revivals[node] = self.now + Self.second }
        self.left = []
        self.restarts += 1
    }

    func advance(_ step: Duration) {
        self.now = self.now + step
        if self.elapsed < self.faults.end { self.injectFaults(step / Self.second) }
        if !self.revivals.isEmpty {
            for (node, due) in self.revivals.sorted(by: { $0.key < $1.key }) where due <= self.now { self.revive(node) }
        }
        if !self.pausedUntil.isEmpty { self.pausedUntil = self.pausedUntil.filter { $0.value > self.now } }
        self.copyDisks()
        self.deliver()
        self.decode(step / Self.second)
        self.work()
        if self.elapsed.milliseconds.isMultiple(of: Self.tick.milliseconds) { self.tick() }
        // Nothing is said for so short a time that it matters.
        if self.elapsed.milliseconds.isMultiple(of: 1000) { self.checkStatus() }
    }

    func isRunning(_ node: NodeID) -> Bool { self.pausedUntil[node] == nil }

    // MARK: Faults

    /// Whether the log-probabilities it records are wrong.
    func lies(_ node: NodeID) -> Bool { self.workerNodes.prefix(self.faults.liars).contains(node) }
    /// Whether it fails whatever it is given.
    func fails(_ node: NodeID) -> Bool { self.workerNodes.suffix(self.faults.failing).contains(node) }

    private func injectFaults(_ seconds: Double) {
        self.cutLinks(seconds)
        self.injectDiskFaults(seconds)
        if self.happen(.death, .cut, .pause) {
            for node in self.nodes where self.isAlive(node) {
                if self.strikes(.death, seconds) { self.kill(node) }
                if self.strikes(.cut, seconds) {
                    self.cutUntil[node] = self.now + .milliseconds(Int64(self.random.next() % 9000))
                }
                if self.strikes(.pause, seconds) {
                    self.ledger.pauses += 1
                    self.pausedUntil[node] = self.now + .milliseconds(Int64(10_000 + self.random.next() % 20_000))
                }
            }
        }
        if self.happen(.drain) {
            for node in self.nodes.dropFirst()
            where self.isAlive(node) && !self.draining.contains(node) && self.strikes(.drain, seconds) {
                self.draining.insert(node)
                self.drain(node)
            }
        }
        if self.strikes(.doubleDeath, seconds) {
            for node in [Self.controllerNode, Self.learnerNode] where self.isAlive(node) { self.kill(node) }
        }
    }

    /// Where everybody is, for whoever reads of a failure.
    var summary: String {
        let step = self.controller.map { "\($0.snapshot.step), waits for \($0.wait?.text ?? "nobody")" } ?? "gone"
        let learner = self.learner.map { "\($0.step) \($0.activity) \($0.acceptedSlots)" } ?? "gone"
        let workers = self.workerNodes.map { node in
            self.workers[node].map { "\(node) \($0.doing.activity) \($0.heldLeases.map(\.group.path))" }
                ?? "\(node) gone"
        }
        return "\(self.elapsed): controller at \(step); learner at \(learner); \(workers.joined(separator: ", "))"
    }

    func isAlive(_ node: NodeID) -> Bool {
        // Patterns, for a comparison with nil would copy the state.
        switch node {
        case Self.controllerNode: if case .some = self.controller { true } else { false }
        case Self.learnerNode: if case .some = self.learner { true } else { false }
        default: self.workers.index(forKey: node) != nil
        }
    }

    /// Whether the process dies before its next effect.
    func tears(_ node: NodeID) -> Bool {
        guard self.elapsed < self.faults.end, self.strikes(.tear) else { return false }
        self.kill(node)
        return true
    }

    func kill(_ node: NodeID) {
        self.ledger.deaths += 1
        self.revivals[node] = self.now + .milliseconds(Int64(200 + self.random.next() % 8000))
        self.remove(node)
        self.forgetLetters(of: node)
        self.restoreOldFiles(of: node)
    }

    /// The process is gone, with everything it had in memory.
    func remove(_ node: NodeID) {
        self.pausedUntil[node] = nil
        self.draining.remove(node)
        switch node {
        case Self.controllerNode:
            self.controller = nil
            self.ledger.truth.excuse()
        case Self.learnerNode:
            self.learner = nil
            self.learnerJobs = []
        default:
            self.workers[node] = nil
            self.engines[node] = nil
        }
    }

    private func revive(_ node: NodeID) {
        self.revivals[node] = nil
        self.left.remove(node)
        self.lives[node, default: 0] += 1
        switch node {
        case Self.controllerNode:
            let reports = self.log.compactMap { if case .stepped(let report) = $0 { report } else { nil } }
            self.controller = ControllerState(
                node: node, settings: self.settings, snapshot: self.snapshot, reports: reports, now: self.clock(node))
            let now = self.clock(node)
            self.stepController { $0.start(now: now) }
        case Self.learnerNode: self.reviveLearner()
        default:
            self.workers[node] = WorkerState(
                settings: WorkerState.Settings(
                    credit: self.decoding.map { UInt32($0.lanes) / self.settings.curriculum.samples } ?? 3,
                    requestTimeout: .seconds(2), swap: self.settings.gate.bound > 0 ? self.weightSwap : nil),
                member: self.member(node, run: nil), chunkHashes: Self.chunks(of: 17),
                mirrored: Self.manifest(PolicyVersion(0), 17).held, policyBytes: 96)
            self.engines[node] = SimulatedEngine(buffer: Self.chunks(of: 17))
        }
    }

    private func member(_ node: NodeID, run: RunID?) -> Member {
        let identity = Member.Identity(
            node: node, role: self.settings.nodes[node] ?? .controller,
            nonce: (0..<16).map { _ in UInt8(truncatingIfNeeded: self.random.next()) },
            configurationHash: self.settings.configurationHash, host: "simulated", processID: 1,
            controller: Endpoint(host: "simulated", port: 1))
        let backoff = Backoff(
            initial: .milliseconds(100), factor: 2, maximum: .seconds(2), jitter: 0.1, seed: self.random.next())
        return Member(identity, run: run, backoff: backoff, liveness: self.settings.liveness, now: self.clock(node))
    }

    /// Finds out from checkpoint and journal where the learner was; its engine comes there later.
    private func reviveLearner() {
        self.checkDurability()
        let checkpoint = self.disk.checkpoint
        let settings = LearnerState.Settings(
            groupsPerStep: UInt32(self.settings.curriculum.order.promptsPerStep), groupFilter: self.filter,
            maximumSlots: UInt32(self.settings.curriculum.maximumSlots),
            samplesPerGroup: self.settings.curriculum.samples,
            terms: ResponseTerms(
                vocabulary: .max, maximumTokens: 8, contextLength: 20,
                temperature: { position, _ in TokenTrace.filling(.temperature, at: position) }),
            totalSteps: self.settings.plan.steps, checkpointEvery: 3,
            stalenessBound: self.settings.gate.bound + (self.faults.mutant == .stalePolicy ? 1 : 0),
            mixesVersions: self.weightSwap == .keep)
        var recovery = Recovery(from: checkpoint.step, run: checkpoint.run, assembler: settings.assembler)
        while (try? recovery.resume(self.disk.journal[recovery.step] ?? JournalledStep())) != nil {}
        let later = recovery.laterSteps
        for step in later { try? recovery.keep(self.disk.journal[step] ?? JournalledStep()) }
        let last = later.last ?? recovery.step
        for old in self.disk.journal.keys.sorted() where old > last { self.disk.delete(old) }
        var state = LearnerState(
            settings: settings, member: self.member(Self.learnerNode, run: recovery.run), step: recovery.step,
            checkpoint: checkpoint.run == nil ? nil : checkpoint.step)
        for step in state.restore(recovery.pending) { self.disk.delete(step) }
        self.assembler = settings.assembler
        self.run = recovery.run
        self.learner = state
        let now = self.clock(Self.learnerNode)
        self.stepLearner { $0.start(now: now) }
    }

    /// The engine loads the checkpoint and trains the complete steps of the journal before `end`.
    func recover(until end: GlobalStep) -> Recovered {
        guard let assembler = self.assembler else { preconditionFailure("a learner that lives knows its steps") }
        let checkpoint = self.disk.checkpoint
        self.weights = checkpoint.weights
        var recovery = Recovery(from: checkpoint.step, run: checkpoint.run, assembler: assembler)
        var reports: [StepReport] = []
        while recovery.step != end {
            let step = recovery.step
            guard let groups = try? recovery.resume(self.disk.journal[step] ?? JournalledStep()) else {
                for later in recovery.laterSteps where later < end {
                    try? recovery.keep(self.disk.journal[later] ?? JournalledStep())
                }
                break
            }
            let refused = Self.refusals(of: groups)
            guard refused.isEmpty else {
                for discarded in recovery.discard(refused) {
                    self.disk.journal[step]?.append(discarded)
                    self.ledger.noteDiscarded(discarded)
                }
                continue
            }
            self.train(step, groups)
            let hash = Self.manifest(step.endVersion, self.weights).rootHash
            reports.append(StepReport(step: step, version: step.endVersion, rootHash: hash, metrics: [:]))
        }
        self.publishedBefore = (recovery.step.startVersion, self.weights)
        return Recovered(
            run: recovery.run, step: recovery.step, checkpoint: checkpoint.run == nil ? nil : checkpoint.step,
            pending: recovery.pending, manifest: Self.manifest(recovery.step.startVersion, self.weights),
            bytes: SharedBytes(Self.chunks(of: self.weights).joined()), reports: reports)
    }
}
