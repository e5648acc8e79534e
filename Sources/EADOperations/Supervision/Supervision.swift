import EADConfiguration
import EADCore

/// What `ead-ctl up` decides about the processes of its roles: which to start again, when to give up, and how those
/// are made to leave that do not.
struct Supervision: Sendable {
    enum Effect: Sendable, Hashable {
        case say(String)
        case start(NodeID)
        /// Ask the controller to end the run.
        case stopRun
        /// Ask these processes to drain and leave.
        case terminate([NodeID])
        case kill([NodeID])
        /// The command ends with this status: the node cannot be kept running.
        case giveUp(NodeID, status: Int32)
    }

    private enum Stage: Sendable {
        case running
        /// The operator asked for the end, and the controller tells the others.
        case stopping
        /// The run is over; the roles leave by themselves until then.
        case leaving(until: ContinuousClock.Instant)
        /// They have been asked to.
        case terminating(until: ContinuousClock.Instant)
        case over
    }

    /// A node that dies more often is given up, with its last words.
    static let maximumRestarts = 5

    private let nodes: [NodeID]
    private let controller: NodeID
    private var running: Set<NodeID>
    private var restarts: [NodeID: Int] = [:]
    private var stage = Stage.running
    private var wasInterrupted = false

    /// - Parameter nodes: All have been started, in this order.
    init(nodes: [NodeID], controller: NodeID) {
        self.nodes = nodes
        self.controller = controller
        self.running = Set(nodes)
    }

    /// Nothing is left to wait for.
    var isOver: Bool {
        if case .over = self.stage { return true }
        return self.running.isEmpty
    }

    /// Whether the controller has something to tell.
    var isWatching: Bool {
        switch self.stage {
        case .running: true
        case .stopping: self.running.contains(self.controller)
        case .leaving, .terminating, .over: false
        }
    }

    private var runningNodes: [NodeID] { self.nodes.filter(self.running.contains) }

    /// A process ended by itself.
    /// - Parameter status: Its exit status; 128 + signal when it was killed.
    mutating func ended(_ node: NodeID, status: Int32, now: ContinuousClock.Instant) -> [Effect] {
        self.running.remove(node)
        switch self.stage {
        case .running where status != 0: break
        // The run is over. Who had not joined yet was not told, and would wait for the controller for ever.
        case .running, .stopping: return node == self.controller ? self.terminate(now: now) : []
        case .leaving, .terminating, .over: return []
        }
        // Another start cures none of these.
        let incurable: [RoleFailure.Code] = [.usage, .data, .configuration, .software]
        let restarts = self.restarts[node, default: 0]
        guard restarts < Self.maximumRestarts, !incurable.contains(where: { $0.rawValue == status }) else {
            return self.terminate(now: now) + [.giveUp(node, status: status)]
        }
        self.restarts[node] = restarts + 1
        self.running.insert(node)
        return [.say("\(node) died (status \(status)); starting it again"), .start(node)]
    }

    /// The operator asked to stop; whoever asks again wants it at once.
    mutating func interrupt(now: ContinuousClock.Instant) -> [Effect] {
        guard !self.wasInterrupted else { return self.kill { "\($0) was killed" } }
        self.wasInterrupted = true
        switch self.stage {
        case .running:
            self.stage = .stopping
            return [.say("stopping; the same command resumes the run, Ctrl-C again ends it at once"), .stopRun]
        case .leaving: return self.terminate(now: now)
        case .stopping, .terminating, .over: return []
        }
    }

    /// The controller did not hear that the run is to end: the roles are told directly.
    mutating func stopUnheard(now: ContinuousClock.Instant) -> [Effect] {
        guard case .stopping = self.stage else { return [] }
        return self.terminate(now: now)
    }

    /// The run is over.
    mutating func finish(now: ContinuousClock.Instant) {
        switch self.stage {
        case .running, .stopping: self.stage = .leaving(until: now + Fixed.leaving.value)
        case .leaving, .terminating, .over: break
        }
    }

    /// Asks roles that do not leave once more, and then kills them.
    mutating func tick(now: ContinuousClock.Instant) -> [Effect] {
        switch self.stage {
        case .leaving(let end) where end <= now && !self.running.isEmpty: self.terminate(now: now)
        case .terminating(let end) where end <= now && !self.running.isEmpty:
            self.kill { "\($0) did not leave and was killed" }
        default: []
        }
    }

    private mutating func terminate(now: ContinuousClock.Instant) -> [Effect] {
        self.stage = .terminating(until: now + Fixed.leavingWhenTold.value)
        return self.running.isEmpty ? [] : [.terminate(self.runningNodes)]
    }

    private mutating func kill(_ words: (NodeID) -> String) -> [Effect] {
        self.stage = .over
        let nodes = self.runningNodes
        self.running = []
        return nodes.isEmpty ? [] : [.kill(nodes)] + nodes.map { .say(words($0)) }
    }
}
