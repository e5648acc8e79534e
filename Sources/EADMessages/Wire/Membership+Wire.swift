import CEADMessages
import EADCore

extension Hello: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__Hello>) { ead__v1__hello__init(wire) }

    func fill(_ wire: inout Ead__V1__Hello, in arena: borrowing WireArena) {
        wire.role = self.role.wire
        wire.nonce = arena.bytes(self.nonce)
        wire.configuration_hash = arena.bytes(self.configurationHash)
        wire.next_step = self.nextStep.rawValue
        wire.n_accepted_slots = self.acceptedSlots.count
        wire.accepted_slots = arena.numbers(self.acceptedSlots)
        wire.slot_count = self.slotCount
        wire.host = arena.text(self.host)
        wire.process_id = self.processID
        wire.n_contents = self.contents.count
        wire.contents = arena.messages(self.contents)
        wire.n_discarded = self.discarded.count
        wire.discarded = arena.messages(self.discarded)
        wire.settings = arena.text(self.settings)
        wire.n_later_steps = self.laterSteps.count
        wire.later_steps = arena.messages(self.laterSteps)
    }

    init(wire: Ead__V1__Hello) throws(DecodeError) {
        let step = GlobalStep(try WireField.counter(wire.next_step, "nextStep"))
        self.init(
            role: try Role(wire: wire.role, "role"),
            nonce: try wire.nonce.bytes(16, "nonce"),
            configurationHash: try wire.configuration_hash.bytes(32, "configurationHash"),
            nextStep: step,
            acceptedSlots: try WireField.counts(wire.accepted_slots, count: wire.n_accepted_slots, "acceptedSlots"),
            slotCount: try WireField.count(wire.slot_count, "slotCount"),
            host: try wire.host.name("host"),
            processID: try WireField.count(wire.process_id, "processID"),
            contents: try SharedContent.read(wire.contents, count: wire.n_contents, "contents"),
            discarded: try DiscardedGroup.read(wire.discarded, count: wire.n_discarded, of: step, "discarded"),
            settings: try wire.settings.text("settings"),
            laterSteps: try GroupsAccepted.read(wire.later_steps, count: wire.n_later_steps, "laterSteps"))
        guard zip([step] + self.laterSteps.map(\.step), self.laterSteps).allSatisfy({ $0 < $1.step }) else {
            throw DecodeError(.contradiction, at: "laterSteps")
        }
        var names: Set<String> = []
        for content in self.contents where !names.insert(content.name).inserted {
            throw DecodeError(.repeated, at: "contents")
        }
    }
}

extension SharedContent: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__SharedContent>) { ead__v1__shared_content__init(wire) }

    func fill(_ wire: inout Ead__V1__SharedContent, in arena: borrowing WireArena) {
        wire.name = arena.text(self.name)
        wire.hash = arena.bytes(self.hash)
    }

    init(wire: Ead__V1__SharedContent) throws(DecodeError) {
        self.init(name: try wire.name.name("name"), hash: try wire.hash.bytes(32, "hash"))
    }
}

extension Welcome: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__Welcome>) { ead__v1__welcome__init(wire) }

    func fill(_ wire: inout Ead__V1__Welcome, in arena: borrowing WireArena) {
        wire.run = arena.bytes(self.run.bytes)
        wire.epoch = self.epoch.rawValue
    }

    init(wire: Ead__V1__Welcome) throws(DecodeError) {
        self.init(
            run: try wire.run.run("run"),
            epoch: Epoch(try WireField.counter(wire.epoch, "epoch")))
    }
}

extension Refusal: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__Refusal>) { ead__v1__refusal__init(wire) }

    func fill(_ wire: inout Ead__V1__Refusal, in arena: borrowing WireArena) {
        wire.code = Ead__V1__RefusalCode(self.code.rawValue)
        wire.reason = arena.text(self.reason)
    }

    init(wire: Ead__V1__Refusal) throws(DecodeError) {
        self.init(
            code: try WireField.known(wire.code.rawValue, "code"),
            reason: try wire.reason.text("reason"))
    }
}

extension Heartbeat: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__Heartbeat>) { ead__v1__heartbeat__init(wire) }

    func fill(_ wire: inout Ead__V1__Heartbeat, in arena: borrowing WireArena) {
        wire.activity = Ead__V1__Activity(self.activity.rawValue)
        wire.waiting = self.isWaiting ? 1 : 0
        wire.waiting_for = arena.text(self.waitingFor)
        wire.waiting_milliseconds = self.waitingMilliseconds
        wire.progress = self.progress
        wire.tokens = self.tokens
        wire.tokens_per_second = self.tokensPerSecond
        wire.policy_version = self.policyVersion.rawValue
        wire.credit = self.credit
        wire.n_leases = self.leases.count
        wire.leases = arena.messages(self.leases)
        wire.resident_bytes = self.residentBytes
        wire.draining = self.draining ? 1 : 0
        (wire.n_counters, wire.counters) = arena.counters(self.counters)
        wire.complaint = arena.text(self.complaint)
        wire.passes = self.passes
        wire.pass_milliseconds = self.passMilliseconds
    }

    init(wire: Ead__V1__Heartbeat) throws(DecodeError) {
        guard wire.n_counters <= Self.maximumCounters else {
            throw DecodeError(
                .wrongLength(found: wire.n_counters, expected: 0...Self.maximumCounters), at: "counters")
        }
        self.init(
            activity: try WireField.known(wire.activity.rawValue, "activity"),
            isWaiting: wire.waiting != 0,
            waitingFor: try wire.waiting_for.text("waitingFor"),
            waitingMilliseconds: try WireField.counter(wire.waiting_milliseconds, "waitingMilliseconds"),
            progress: try WireField.counter(wire.progress, "progress"),
            tokens: try WireField.counter(wire.tokens, "tokens"),
            tokensPerSecond: try WireField.finite(wire.tokens_per_second, "tokensPerSecond"),
            policyVersion: PolicyVersion(try WireField.counter(wire.policy_version, "policyVersion")),
            credit: try WireField.count(wire.credit, "credit"),
            leases: try LeaseID.read(wire.leases, count: wire.n_leases, "leases"),
            residentBytes: try WireField.counter(wire.resident_bytes, "residentBytes"),
            draining: wire.draining != 0,
            counters: try MetricCounters(wire.counters, count: wire.n_counters, "counters"),
            complaint: try wire.complaint.text("complaint"),
            passes: try WireField.counter(wire.passes, "passes"),
            passMilliseconds: try WireField.counter(wire.pass_milliseconds, "passMilliseconds"))
    }
}

extension HeartbeatReply: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__HeartbeatReply>) { ead__v1__heartbeat_reply__init(wire) }

    func fill(_ wire: inout Ead__V1__HeartbeatReply, in arena: borrowing WireArena) {
        wire.step = self.step.rawValue
        wire.stop = self.stop ? 1 : 0
        wire.policy_version = self.policyVersion.rawValue
        wire.window_end = self.windowEnd.rawValue
        wire.n_finished = self.finished.count
        wire.finished = arena.messages(self.finished)
    }

    init(wire: Ead__V1__HeartbeatReply) throws(DecodeError) {
        let step = try WireField.counter(wire.step, "step")
        let end = try WireField.counter(
            wire.window_end, "windowEnd", in: step...WireField.counters.upperBound)
        self.init(
            step: GlobalStep(step), stop: wire.stop != 0,
            policyVersion: PolicyVersion(try WireField.counter(wire.policy_version, "policyVersion")),
            windowEnd: GlobalStep(end), finished: try LeaseID.read(wire.finished, count: wire.n_finished, "finished"))
    }
}

extension Goodbye: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__Goodbye>) { ead__v1__goodbye__init(wire) }

    func fill(_ wire: inout Ead__V1__Goodbye, in arena: borrowing WireArena) {
        wire.reason = arena.text(self.reason)
        wire.failed = self.failed ? 1 : 0
    }

    init(wire: Ead__V1__Goodbye) throws(DecodeError) {
        self.init(reason: try wire.reason.text("reason"), failed: wire.failed != 0)
    }
}
