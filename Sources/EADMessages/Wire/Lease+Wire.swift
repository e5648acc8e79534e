import CEADMessages
import EADCore

extension Problem: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__Problem>) { ead__v1__problem__init(wire) }

    func fill(_ wire: inout Ead__V1__Problem, in arena: borrowing WireArena) {
        wire.index = self.index
        wire.prompt = arena.text(self.prompt)
        wire.answer = arena.text(self.answer)
        wire.source = arena.text(self.source)
        wire.metadata = arena.text(self.metadata)
    }

    init(wire: Ead__V1__Problem) throws(DecodeError) {
        self.init(
            index: try WireField.count(wire.index, "index"),
            prompt: try wire.prompt.text("prompt"),
            answer: try wire.answer.text("answer"),
            source: try wire.source.text("source"),
            metadata: try wire.metadata.text("metadata"))
    }
}

extension Lease: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__Lease>) { ead__v1__lease__init(wire) }

    func fill(_ wire: inout Ead__V1__Lease, in arena: borrowing WireArena) {
        wire.group = arena.message(self.group)
        wire.attempt = self.attempt
        wire.oldest_version = self.oldestVersion.rawValue
        wire.problem = arena.message(self.problem)
        wire.samples = self.samples
        wire.seed = self.seed
        let (seconds, attoseconds) = self.duration.components
        precondition((0..<(1 << 23)).contains(seconds), "a lease lasts between 0 seconds and 97 days")
        wire.duration_nanoseconds = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }

    init(wire: Ead__V1__Lease) throws(DecodeError) {
        let nanoseconds = try WireField.counter(
            wire.duration_nanoseconds, "durationNanoseconds", in: 0...WireField.counters.upperBound)
        let group = try GroupID.read(wire.group, "group")
        let oldestVersion = try WireField.counter(
            wire.oldest_version, "oldestVersion", in: 0...group.step.startVersion.rawValue)
        self.init(
            group: group,
            attempt: try WireField.count(wire.attempt, "attempt", atLeast: 1),
            oldestVersion: PolicyVersion(oldestVersion),
            problem: try Problem.read(wire.problem, "problem"),
            // A held-out problem may be answered greedily only.
            samples: try WireField.count(wire.samples, "samples", atLeast: group.purpose == .evaluation ? 0 : 1),
            seed: wire.seed,
            duration: .nanoseconds(Int64(nanoseconds)))
    }
}

extension LeaseOffer: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__LeaseOffer>) { ead__v1__lease_offer__init(wire) }

    func fill(_ wire: inout Ead__V1__LeaseOffer, in arena: borrowing WireArena) {
        wire.lease = arena.message(self.lease)
    }

    init(wire: Ead__V1__LeaseOffer) throws(DecodeError) {
        self.init(lease: try Lease.read(wire.lease, "lease"))
    }
}

extension LeaseAccept: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__LeaseAccept>) { ead__v1__lease_accept__init(wire) }

    func fill(_ wire: inout Ead__V1__LeaseAccept, in arena: borrowing WireArena) {
        wire.lease = arena.message(self.lease)
    }

    init(wire: Ead__V1__LeaseAccept) throws(DecodeError) {
        self.init(lease: try LeaseID.read(wire.lease, "lease"))
    }
}

extension EvaluatedSample: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__EvaluatedSample>) {
        ead__v1__evaluated_sample__init(wire)
    }

    func fill(_ wire: inout Ead__V1__EvaluatedSample, in arena: borrowing WireArena) {
        wire.greedy = self.greedy ? 1 : 0
        wire.verdict = self.verdict.map { arena.message($0) }
        wire.tokens = self.tokens
        wire.text = arena.text(self.text)
    }

    init(wire: Ead__V1__EvaluatedSample) throws(DecodeError) {
        self.init(
            greedy: wire.greedy != 0,
            verdict: try Verdict.readIfPresent(wire.verdict, "verdict"),
            tokens: try WireField.count(wire.tokens, "tokens"),
            text: try wire.text.text("text"))
    }
}

extension LeaseReturn: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__LeaseReturn>) { ead__v1__lease_return__init(wire) }

    func fill(_ wire: inout Ead__V1__LeaseReturn, in arena: borrowing WireArena) {
        wire.lease = arena.message(self.lease)
        wire.outcome = Ead__V1__LeaseOutcome(self.outcome.rawValue)
        wire.reason = arena.text(self.reason)
        wire.n_samples = self.samples.count
        wire.samples = arena.messages(self.samples)
    }

    init(wire: Ead__V1__LeaseReturn) throws(DecodeError) {
        self.init(
            lease: try LeaseID.read(wire.lease, "lease"),
            outcome: try WireField.known(wire.outcome.rawValue, "outcome"),
            reason: try wire.reason.text("reason"),
            samples: try EvaluatedSample.read(wire.samples, count: wire.n_samples, "samples"))
    }
}

extension GroupAck: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__GroupAck>) { ead__v1__group_ack__init(wire) }

    func fill(_ wire: inout Ead__V1__GroupAck, in arena: borrowing WireArena) {
        wire.lease = arena.message(self.lease)
        wire.status = Ead__V1__GroupStatus(self.status.rawValue)
        wire.reason = arena.text(self.reason)
    }

    init(wire: Ead__V1__GroupAck) throws(DecodeError) {
        self.init(
            lease: try LeaseID.read(wire.lease, "lease"),
            status: try WireField.known(wire.status.rawValue, "status"),
            reason: try wire.reason.text("reason"))
    }
}

extension DiscardedGroup: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__DiscardedGroup>) { ead__v1__discarded_group__init(wire) }

    func fill(_ wire: inout Ead__V1__DiscardedGroup, in arena: borrowing WireArena) {
        wire.lease = arena.message(self.lease)
        wire.sender = arena.text(self.sender.rawValue)
        wire.reason = arena.text(self.reason)
    }

    init(wire: Ead__V1__DiscardedGroup) throws(DecodeError) {
        self.init(
            lease: try LeaseID.read(wire.lease, "lease"),
            sender: try wire.sender.node("sender"),
            reason: try wire.reason.text("reason"))
    }

    /// Of one step, and for training: nothing else is thrown out.
    static func read(
        _ wires: UnsafeMutablePointer<UnsafeMutablePointer<Ead__V1__DiscardedGroup>?>?, count: Int,
        of step: GlobalStep, _ field: String
    ) throws(DecodeError) -> [DiscardedGroup] {
        let groups = try Self.read(wires, count: count, field)
        guard groups.allSatisfy({ $0.lease.group.purpose == .training && $0.lease.group.step == step }) else {
            throw DecodeError(.contradiction, at: field)
        }
        return groups
    }
}
