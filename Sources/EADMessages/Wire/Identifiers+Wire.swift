import CEADMessages
import EADCore

extension Role {
    var wire: Ead__V1__Role {
        switch self {
        case .controller: EAD__V1__ROLE__ROLE_CONTROLLER
        case .learner: EAD__V1__ROLE__ROLE_LEARNER
        case .worker: EAD__V1__ROLE__ROLE_WORKER
        case .control: EAD__V1__ROLE__ROLE_CONTROL
        }
    }

    init(wire: Ead__V1__Role, _ field: String) throws(DecodeError) {
        guard let value = Role.allCases.first(where: { $0.wire == wire }) else {
            throw DecodeError(.unknownValue(wire.rawValue), at: field)
        }
        self = value
    }
}

extension Purpose {
    var wire: Ead__V1__Purpose {
        switch self {
        case .evaluation: EAD__V1__PURPOSE__PURPOSE_EVALUATION
        case .training: EAD__V1__PURPOSE__PURPOSE_TRAINING
        }
    }

    init(wire: Ead__V1__Purpose, _ field: String) throws(DecodeError) {
        guard let value = Purpose.allCases.first(where: { $0.wire == wire }) else {
            throw DecodeError(.unknownValue(wire.rawValue), at: field)
        }
        self = value
    }
}

extension Health {
    var wire: Ead__V1__MemberHealth {
        switch self {
        case .alive: EAD__V1__MEMBER_HEALTH__MEMBER_HEALTH_ALIVE
        case .stalled: EAD__V1__MEMBER_HEALTH__MEMBER_HEALTH_STALLED
        case .dead: EAD__V1__MEMBER_HEALTH__MEMBER_HEALTH_DEAD
        case .absent: EAD__V1__MEMBER_HEALTH__MEMBER_HEALTH_ABSENT
        }
    }

    init(wire: Ead__V1__MemberHealth, _ field: String) throws(DecodeError) {
        guard let value = Health.allCases.first(where: { $0.wire == wire }) else {
            throw DecodeError(.unknownValue(wire.rawValue), at: field)
        }
        self = value
    }
}

extension Precision {
    var wire: Ead__V1__Precision {
        switch self {
        case .bf16: EAD__V1__PRECISION__PRECISION_BF16
        case .f32: EAD__V1__PRECISION__PRECISION_F32
        }
    }

    init(wire: Ead__V1__Precision, _ field: String) throws(DecodeError) {
        guard let value = Precision.allCases.first(where: { $0.wire == wire }) else {
            throw DecodeError(.unknownValue(wire.rawValue), at: field)
        }
        self = value
    }
}

extension GroupID: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__GroupId>) { ead__v1__group_id__init(wire) }

    func fill(_ wire: inout Ead__V1__GroupId, in arena: borrowing WireArena) {
        wire.purpose = self.purpose.wire
        wire.step = self.step.rawValue
        wire.slot = self.slot
    }

    init(wire: Ead__V1__GroupId) throws(DecodeError) {
        self.init(
            purpose: try Purpose(wire: wire.purpose, "purpose"),
            step: GlobalStep(try WireField.counter(wire.step, "step")),
            slot: try WireField.count(wire.slot, "slot"))
    }
}

extension LeaseID: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__LeaseID>) { ead__v1__lease_id__init(wire) }

    func fill(_ wire: inout Ead__V1__LeaseID, in arena: borrowing WireArena) {
        wire.group = arena.message(self.group)
        wire.attempt = self.attempt
    }

    init(wire: Ead__V1__LeaseID) throws(DecodeError) {
        self.init(
            group: try GroupID.read(wire.group, "group"),
            attempt: try WireField.count(wire.attempt, "attempt", atLeast: 1))
    }
}
