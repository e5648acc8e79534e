package import EADCore

/// Whom or what a process waits for.
///
/// The text is made of the value where it is shown; nothing is decided by it. A wait that gets on, such as one for fewer
/// chunks than before, is another wait: how long one has lasted says for how long nothing has come.
package enum Wait: Hashable, Sendable {
    // MARK: A worker's

    case lease
    /// The learner has been asked about a version, which it may or may not have published.
    case answer(about: PolicyVersion)
    case chunks(of: PolicyVersion, missing: Int, count: Int)
    /// Pieces of the deltas that lead to the version.
    case pieces(of: PolicyVersion, missing: Int, count: Int)
    /// Groups were sent to the learner, which has not said that it has them.
    case acknowledgements(Int)

    // MARK: The learner's

    /// They are being loaded.
    case weights
    /// A step of the journal is trained again; `end` is the first that is not.
    case replay(of: GlobalStep, end: GlobalStep)
    case rollouts(held: Int, count: Int)

    // MARK: The controller's

    /// `away` are those of them that are no members: they may have left before this controller began.
    case departure(of: [NodeID], away: [NodeID])
    /// An operator who paused the run.
    case resumption
    /// Somebody of a role to become a member; `failures` are the last words of those that failed.
    case joining(Role, failures: [NodeID: String])
    case report(on: GlobalStep)
    case training(of: GlobalStep, health: Health)
    /// A learner that has yet to come to where its files say it was; `words` say how far it is.
    case recovery(of: NodeID, words: String)
    /// Leased groups; `complete` are there of those that are sampled now.
    case groups([Holder], complete: Int)
    /// The same where several steps are open: the groups of the oldest, in order of slot.
    case slots([OpenSlot], of: GlobalStep, complete: Int)
    /// A worker that can take a lease; why those there are cannot.
    case room([NodeID: Hindrance])

    // MARK: Of a member that the controller gives nothing, or that is not there

    case probation(seconds: Int64, failures: Int, reason: String)
    case restart(after: String)

    package struct Holder: Hashable, Sendable {
        package var node: NodeID
        package var leases: Int
        package var health: Health

        package init(_ node: NodeID, leases: Int, health: Health) {
            self.node = node
            self.leases = leases
            self.health = health
        }
    }

    /// A group that somebody makes.
    package struct OpenSlot: Hashable, Sendable {
        package var slot: UInt32
        package var node: NodeID
        package var health: Health

        package init(_ slot: UInt32, of node: NodeID, health: Health) {
            self.slot = slot
            self.node = node
            self.health = health
        }
    }

    /// Why a worker is given nothing.
    package enum Hindrance: Hashable, Sendable {
        /// Its leases failed, one after the other.
        case failing
        /// It makes no progress.
        case stalled
        case leaving
    }
}

extension Wait {
    /// The wait in words.
    package var text: String {
        switch self {
        case .lease: "a lease"
        case .answer(let version): "the learner's answer about policy \(version)"
        case .chunks(let version, let missing, let count): "policy \(version): \(missing) of \(count) chunks"
        case .pieces(let version, let missing, let count): "policy \(version): \(missing) of \(count) pieces of deltas"
        case .acknowledgements(let count): "the learner to take \(count) group\(count == 1 ? "" : "s")"
        case .weights: "its weights to load"
        case .replay(let step, let end):
            step < end ? "step \(step) of its journal, to go on with step \(end)" : "the policy of step \(end)"
        case .rollouts(let held, let count): "rollouts: \(held) of \(count) groups"
        case .departure(let nodes, let away):
            nodes.map { away.contains($0) ? "\($0) (away)" : "\($0)" }.joined(separator: ", ") + " to leave"
        case .resumption: "ead-ctl resume"
        case .joining(let role, let failures):
            (role == .learner ? "the learner to join" : "a \(role.rawValue) to join") + Self.words(failures)
        case .report(let step): "the learner to report step \(step)"
        case .training(let step, let health): "the learner to train step \(step)\(Self.note(health))"
        case .recovery(let node, let words): "\(node) to recover" + (words.isEmpty ? "" : " (\(words))")
        case .groups(let holders, _): "groups of \(holders.map(Self.words).joined(separator: ", "))"
        case .slots(let slots, let step, _): "step \(step): " + Self.words(slots)
        case .room(let hindered): Self.words(hindered)
        case .probation(let seconds, let failures, let reason):
            (seconds > 0 ? "a lease in \(seconds) s" : "a lease that succeeds")
                + "; it failed \(failures) times in a row: \(reason)"
        case .restart(let reason): "a new start; it failed: \(reason)"
        }
    }

    private static func note(_ health: Health) -> String { health == .alive ? "" : ", which is \(health)" }

    private static func words(_ failures: [NodeID: String]) -> String {
        guard !failures.isEmpty else { return "" }
        return "; "
            + failures.sorted { $0.key < $1.key }.map { "\($0.key) failed: \($0.value)" }.joined(separator: "; ")
    }

    private static func words(_ holder: Holder) -> String {
        "\(holder.node) (\(holder.leases)\(holder.health == .alive ? "" : ", \(holder.health)"))"
    }

    /// So many are named.
    private static var slotsTold: Int { 3 }

    private static func words(_ slots: [OpenSlot]) -> String {
        let more = slots.count - self.slotsTold
        return slots.prefix(self.slotsTold).map { open in
            "slot \(open.slot) of \(open.node)\(open.health == .alive ? "" : " (\(open.health))")"
        }.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    private static func words(_ hindered: [NodeID: Hindrance]) -> String {
        guard !hindered.isEmpty else { return "a worker with room" }
        let reasons = hindered.sorted { $0.key < $1.key }.map { node, hindrance in
            switch hindrance {
            case .failing: "\(node) only failed"
            case .stalled: "\(node) is stalled"
            case .leaving: "\(node) is leaving"
            }
        }
        let onlyFailing = hindered.values.allSatisfy { $0 == .failing }
        return (onlyFailing ? "a worker that succeeds; " : "a worker with room; ") + reasons.joined(separator: ", ")
    }
}
