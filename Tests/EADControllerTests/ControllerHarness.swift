import EADController
import EADCore
import EADMessages
import EADProtocol
import EADTestKit
import Testing

/// A controller with a clock, and the messages its members would send.
struct ControllerHarness {
    typealias State = ControllerState

    static let run = RunID(bytes: [UInt8](repeating: 7, count: 16))!
    static let learner = NodeID("learner")
    static let a = NodeID("worker-a")
    static let b = NodeID("worker-b")

    var state: State
    var now = ContinuousClock.Instant.now
    /// Everything it did, in order.
    var effects: [State.Effect] = []
    private var number: UInt64 = 0
    private var epochs: [NodeID: Epoch] = [:]
    private var nonces: [NodeID: UInt8] = [:]
    /// What each worker's engine has counted.
    private var sampled: [NodeID: (tokens: UInt64, passes: UInt64, milliseconds: UInt64)] = [:]

    init(
        plan: RunPlan = RunPlan(steps: 3, evaluatesBefore: false, evaluatesAfter: false), heldOut: Int = 2,
        snapshot: RunSnapshot = RunSnapshot(run: ControllerHarness.run, configurationHash: "01"),
        maximumAttempts: Int = 3, maximumSlots: Int = 3, evaluationSamples: UInt32 = 2, greedy: Bool = true,
        maximumIdleSteps: Int = 5, bound: UInt64 = 0
    ) {
        let problems = (0..<6).map { Problem(index: UInt32($0), prompt: "problem \($0)", answer: "\($0)") }
        let order = ProblemOrder(problemCount: 6, promptsPerStep: 3) { count, _ in (0..<UInt32(count)).reversed() }
        let replacements = ReplacementOrder(order) {
            5 + $0
        } permutation: { count, _, _ in
            Array(0..<UInt32(count))
        }
        let settings = ControllerSettings(
            runName: "bench", plan: plan, configurationHash: [1], sharedLines: "run.seed 1\nrun.steps 4",
            nodes: [Self.learner: .learner, Self.a: .worker, Self.b: .worker], control: NodeID("control"),
            curriculum: Curriculum(
                problems: problems, order: order, replacements: replacements, maximumSlots: maximumSlots, samples: 2,
                seed: 5), gate: StalenessGate(bound: bound), heldOut: problems.suffix(heldOut),
            evaluationSamples: evaluationSamples, evaluatesGreedily: greedy,
            terms: LeaseTerms(
                duration: .seconds(20), offerTimeout: .seconds(2), maximumAttempts: maximumAttempts),
            liveness: LivenessConfiguration(
                heartbeatInterval: .seconds(1), deadAfter: .seconds(5), stalledAfter: .seconds(10)),
            farewell: .seconds(30), overdueAfter: .seconds(120), maximumIdleSteps: maximumIdleSteps)
        self.state = State(
            node: NodeID("controller"), settings: settings, snapshot: snapshot, reports: [], now: self.now)
        self.effects = self.state.start()
    }

    // MARK: Input

    /// Sends a message as a member would; returns what the controller does about it.
    @discardableResult
    mutating func send(
        _ message: Message, from node: NodeID, epoch: Epoch? = nil, run: RunID? = ControllerHarness.run
    ) -> [State.Effect] {
        self.number += 1
        let envelope = Envelope(
            run: run, sender: node, epoch: epoch ?? self.epochs[node] ?? Epoch(0), number: self.number,
            message: message)
        let effects = self.state.receive(envelope, from: Peer(node), now: self.now)
        for case .send(.welcome(let welcome), Peer(node), _) in effects { self.epochs[node] = welcome.epoch }
        self.effects += effects
        return effects
    }

    @discardableResult
    mutating func hello(
        _ node: NodeID, role: Role = .worker, step: UInt64 = 0, accepted: [UInt32] = [], of slotCount: UInt32 = 0,
        nonce: UInt8 = 1, hash: [UInt8] = [1], contents: [SharedContent] = [],
        settings: String = ""
    ) -> [State.Effect] {
        // A new process was never admitted.
        let isNew = self.nonces.updateValue(nonce, forKey: node) != nonce
        return self.send(
            .hello(
                Hello(
                    role: role, nonce: [UInt8](repeating: nonce, count: 16), configurationHash: hash,
                    nextStep: GlobalStep(step), acceptedSlots: accepted, slotCount: slotCount, host: "host",
                    processID: 9, contents: contents, settings: settings)), from: node, epoch: isNew ? Epoch(0) : nil)
    }

    @discardableResult
    mutating func learnerJoins(
        at step: UInt64 = 0, accepted: [UInt32] = [], of slotCount: UInt32 = 0, nonce: UInt8 = 1
    ) -> [State.Effect] {
        self.hello(Self.learner, role: .learner, step: step, accepted: accepted, of: slotCount, nonce: nonce)
    }

    /// The learner holds these groups of a step that has `slotCount` slots by now.
    @discardableResult
    mutating func accepted(_ slots: [UInt32], of slotCount: UInt32, step: UInt64 = 0) -> [State.Effect] {
        self.send(
            .groupsAccepted(GroupsAccepted(step: GlobalStep(step), slots: slots, slotCount: slotCount)),
            from: Self.learner)
    }

    /// A heartbeat; `progress` nil for an engine that gets on.
    @discardableResult
    mutating func beat(
        _ node: NodeID, credit: UInt32 = 0, leases: [LeaseID] = [], progress: UInt64? = nil, draining: Bool = false,
        isWaiting: Bool = false, complaint: String = ""
    ) -> [State.Effect] {
        self.number += 1
        let (tokens, passes, milliseconds) = self.sampled[node] ?? (0, 0, 0)
        return self.send(
            .heartbeat(
                Heartbeat(
                    activity: .generating, isWaiting: isWaiting, waitingFor: isWaiting ? "something" : "",
                    waitingMilliseconds: 0, progress: progress ?? self.number, tokens: tokens,
                    tokensPerSecond: 0,
                    policyVersion: PolicyVersion(0), credit: credit, leases: leases, residentBytes: 0,
                    draining: draining, complaint: complaint, passes: passes, passMilliseconds: milliseconds)),
            from: node)
    }

    /// Seconds go by in which a worker's engine draws 8 samples, so many tokens of each a second.
    @discardableResult
    mutating func work(
        _ node: NodeID, passesPerSecond: UInt64, seconds: Int = 3, credit: UInt32 = 0, leases: [LeaseID] = []
    ) -> [State.Effect] {
        var effects: [State.Effect] = []
        for _ in 0..<seconds {
            var (tokens, passes, milliseconds) = self.sampled[node] ?? (0, 0, 0)
            let heartbeat = Heartbeat(
                activity: .generating, isWaiting: false, waitingFor: "", waitingMilliseconds: 0, progress: passes,
                tokens: tokens, tokensPerSecond: 0, policyVersion: PolicyVersion(0), credit: credit, leases: leases,
                residentBytes: 0, draining: false, passes: passes, passMilliseconds: milliseconds)
            effects += self.send(.heartbeat(heartbeat), from: node)
            (tokens, passes) = (tokens + 8 * passesPerSecond, passes + passesPerSecond)
            milliseconds += 1000
            self.sampled[node] = (tokens, passes, milliseconds)
        }
        return effects
    }

    /// Lets time pass in steps of a second in which `nodes` beat, with the leases they hold.
    mutating func pass(_ seconds: Int, beating nodes: [NodeID: [LeaseID]] = [:]) {
        for _ in 0..<seconds {
            self.now += .seconds(1)
            for (node, leases) in nodes.sorted(by: { $0.key < $1.key }) { self.beat(node, leases: leases) }
            self.tick()
        }
    }

    @discardableResult
    mutating func tick() -> [State.Effect] {
        let effects = self.state.tick(now: self.now)
        self.effects += effects
        return effects
    }

    mutating func accept(_ leases: [Lease], by node: NodeID) {
        for lease in leases {
            self.send(
                .leaseAccept(LeaseAccept(lease: LeaseID(group: lease.group, attempt: lease.attempt))), from: node)
        }
    }

    @discardableResult
    mutating func giveBack(
        _ lease: Lease, by node: NodeID, _ outcome: LeaseReturn.Outcome, reason: String = "",
        samples: [EvaluatedSample] = []
    ) -> [State.Effect] {
        let held = LeaseID(group: lease.group, attempt: lease.attempt)
        return self.send(
            .leaseReturn(LeaseReturn(lease: held, outcome: outcome, reason: reason, samples: samples)), from: node)
    }

    /// The learner reports the step it has trained.
    @discardableResult
    mutating func report(_ step: UInt64, _ metrics: MetricValues = [:]) -> [State.Effect] {
        var report = Self.report(step)
        report.metrics = metrics
        return self.send(.stepReport(report), from: Self.learner)
    }

    static func report(_ step: UInt64) -> StepReport {
        StepReport(
            step: GlobalStep(step), version: PolicyVersion(step + 1),
            rootHash: [UInt8](repeating: UInt8(step), count: 32), metrics: [:])
    }

    @discardableResult
    mutating func control(
        _ verb: ControlRequest.Verb, of name: String = "bench", samples: UInt32 = 0, request: UInt64 = 0,
        run: RunID? = nil
    ) -> [State.Effect] {
        let wanted = ControlRequest(verb: verb, runName: name, samples: samples, request: request)
        return self.send(.controlRequest(wanted), from: NodeID("control"), run: run)
    }

    var status: StatusReply { self.state.status(since: GlobalStep(0), now: self.now) }
}

extension Sequence {
    /// The leases offered among effects, of one worker or of all.
    func offers(to peer: Peer? = nil) -> [Lease] where Element == ControllerEffect {
        self.compactMap { effect in
            guard case .send(.leaseOffer(let offer), let to, _) = effect, peer == nil || peer == to else { return nil }
            return offer.lease
        }
    }

    /// The codes of refusals among effects.
    func refusals() -> [Refusal.Code] where Element == ControllerEffect {
        self.compactMap { if case .send(.refusal(let refusal), _, _) = $0 { refusal.code } else { nil } }
    }

    /// The run log's lines among effects.
    func events() -> [RunEvent] where Element == ControllerEffect {
        self.compactMap { if case .record(let event) = $0 { event } else { nil } }
    }

    /// The answers to an operator among effects.
    func answers() -> [ControlReply] where Element == ControllerEffect {
        self.compactMap { if case .send(.controlReply(let reply), _, _) = $0 { reply } else { nil } }
    }

    /// The heartbeat replies among effects.
    func replies() -> [HeartbeatReply] where Element == ControllerEffect {
        self.compactMap { if case .send(.heartbeatReply(let reply), _, _) = $0 { reply } else { nil } }
    }
}

extension Lease {
    var held: LeaseID { LeaseID(group: self.group, attempt: self.attempt) }
}
