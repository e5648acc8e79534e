import CEADMessages
import EADCore

extension Envelope: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__Envelope>) { ead__v1__envelope__init(wire) }

    func fill(_ wire: inout Ead__V1__Envelope, in arena: borrowing WireArena) {
        wire.wire_version = self.wireVersion
        wire.run = arena.bytes(self.run?.bytes ?? [])
        wire.sender = arena.text(self.sender.rawValue)
        wire.epoch = self.epoch.rawValue
        wire.number = self.number
        wire.in_reply_to = self.inReplyTo
        self.message.fill(&wire, in: arena)
    }

    init(wire: Ead__V1__Envelope) throws(DecodeError) {
        self.init(
            run: wire.run.len == 0 ? nil : try wire.run.run("run"),
            sender: try wire.sender.node("sender"),
            epoch: Epoch(try WireField.counter(wire.epoch, "epoch")),
            number: try WireField.counter(wire.number, "number", in: 1...WireField.counters.upperBound),
            inReplyTo: try WireField.counter(wire.in_reply_to, "inReplyTo"),
            message: try Message(wire: wire),
            wireVersion: wire.wire_version)
    }
}

extension Message {
    /// Sets the `oneof`; only the member that belongs to the case may be touched.
    func fill(_ wire: inout Ead__V1__Envelope, in arena: borrowing WireArena) {
        switch self {
        case .hello(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_HELLO
            wire.hello = arena.message(body)
        case .welcome(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_WELCOME
            wire.welcome = arena.message(body)
        case .refusal(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_REFUSAL
            wire.refusal = arena.message(body)
        case .heartbeat(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_HEARTBEAT
            wire.heartbeat = arena.message(body)
        case .heartbeatReply(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_HEARTBEAT_REPLY
            wire.heartbeat_reply = arena.message(body)
        case .goodbye(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_GOODBYE
            wire.goodbye = arena.message(body)
        case .leaseOffer(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_LEASE_OFFER
            wire.lease_offer = arena.message(body)
        case .leaseAccept(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_LEASE_ACCEPT
            wire.lease_accept = arena.message(body)
        case .leaseReturn(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_LEASE_RETURN
            wire.lease_return = arena.message(body)
        case .rolloutGroup(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_ROLLOUT_GROUP
            wire.rollout_group = arena.message(body)
        case .groupAck(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_GROUP_ACK
            wire.group_ack = arena.message(body)
        case .manifestRequest(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_MANIFEST_REQUEST
            wire.manifest_request = arena.message(body)
        case .policyManifest(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_POLICY_MANIFEST
            wire.policy_manifest = arena.message(body)
        case .chunkRequest(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_CHUNK_REQUEST
            wire.chunk_request = arena.message(body)
        case .policyChunk(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_POLICY_CHUNK
            wire.policy_chunk = arena.message(body)
        case .groupsAccepted(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_GROUPS_ACCEPTED
            wire.groups_accepted = arena.message(body)
        case .stepReport(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_STEP_REPORT
            wire.step_report = arena.message(body)
        case .controlRequest(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_CONTROL_REQUEST
            wire.control_request = arena.message(body)
        case .controlReply(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_CONTROL_REPLY
            wire.control_reply = arena.message(body)
        case .statusReply(let body):
            wire.body_case = EAD__V1__ENVELOPE__BODY_STATUS_REPLY
            wire.status_reply = arena.message(body)
        }
    }

    init(wire: Ead__V1__Envelope) throws(DecodeError) {
        switch wire.body_case {
        case EAD__V1__ENVELOPE__BODY_HELLO:
            self = .hello(try Hello.read(wire.hello, "hello"))
        case EAD__V1__ENVELOPE__BODY_WELCOME:
            self = .welcome(try Welcome.read(wire.welcome, "welcome"))
        case EAD__V1__ENVELOPE__BODY_REFUSAL:
            self = .refusal(try Refusal.read(wire.refusal, "refusal"))
        case EAD__V1__ENVELOPE__BODY_HEARTBEAT:
            self = .heartbeat(try Heartbeat.read(wire.heartbeat, "heartbeat"))
        case EAD__V1__ENVELOPE__BODY_HEARTBEAT_REPLY:
            self = .heartbeatReply(try HeartbeatReply.read(wire.heartbeat_reply, "heartbeatReply"))
        case EAD__V1__ENVELOPE__BODY_GOODBYE:
            self = .goodbye(try Goodbye.read(wire.goodbye, "goodbye"))
        case EAD__V1__ENVELOPE__BODY_LEASE_OFFER:
            self = .leaseOffer(try LeaseOffer.read(wire.lease_offer, "leaseOffer"))
        case EAD__V1__ENVELOPE__BODY_LEASE_ACCEPT:
            self = .leaseAccept(try LeaseAccept.read(wire.lease_accept, "leaseAccept"))
        case EAD__V1__ENVELOPE__BODY_LEASE_RETURN:
            self = .leaseReturn(try LeaseReturn.read(wire.lease_return, "leaseReturn"))
        case EAD__V1__ENVELOPE__BODY_ROLLOUT_GROUP:
            self = .rolloutGroup(try RolloutGroup.read(wire.rollout_group, "rolloutGroup"))
        case EAD__V1__ENVELOPE__BODY_GROUP_ACK:
            self = .groupAck(try GroupAck.read(wire.group_ack, "groupAck"))
        case EAD__V1__ENVELOPE__BODY_MANIFEST_REQUEST:
            self = .manifestRequest(try ManifestRequest.read(wire.manifest_request, "manifestRequest"))
        case EAD__V1__ENVELOPE__BODY_POLICY_MANIFEST:
            self = .policyManifest(try PolicyManifest.read(wire.policy_manifest, "policyManifest"))
        case EAD__V1__ENVELOPE__BODY_CHUNK_REQUEST:
            self = .chunkRequest(try ChunkRequest.read(wire.chunk_request, "chunkRequest"))
        case EAD__V1__ENVELOPE__BODY_POLICY_CHUNK:
            self = .policyChunk(try PolicyChunk.read(wire.policy_chunk, "policyChunk"))
        case EAD__V1__ENVELOPE__BODY_GROUPS_ACCEPTED:
            self = .groupsAccepted(try GroupsAccepted.read(wire.groups_accepted, "groupsAccepted"))
        case EAD__V1__ENVELOPE__BODY_STEP_REPORT:
            self = .stepReport(try StepReport.read(wire.step_report, "stepReport"))
        case EAD__V1__ENVELOPE__BODY_CONTROL_REQUEST:
            self = .controlRequest(try ControlRequest.read(wire.control_request, "controlRequest"))
        case EAD__V1__ENVELOPE__BODY_CONTROL_REPLY:
            self = .controlReply(try ControlReply.read(wire.control_reply, "controlReply"))
        case EAD__V1__ENVELOPE__BODY_STATUS_REPLY:
            self = .statusReply(try StatusReply.read(wire.status_reply, "statusReply"))
        default:
            throw DecodeError(.missing, at: "body")
        }
    }
}
