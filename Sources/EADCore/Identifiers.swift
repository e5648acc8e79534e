/// The index of a token in the model's vocabulary.
package typealias TokenID = UInt32

/// The name of one process in the cluster file, such as `learner` or `worker-2`; unique within a cluster.
package struct NodeID: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ name: String) { self.rawValue = name }
    package var description: String { self.rawValue }
    package static func < (lhs: NodeID, rhs: NodeID) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// One life of one process, numbered by the controller; a larger epoch of the same node fences the smaller ones.
package struct Epoch: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }
    package init(_ value: UInt64) { self.rawValue = value }
    package var description: String { String(self.rawValue) }
    package static func < (lhs: Epoch, rhs: Epoch) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// A learner update cycle: the s of d_s.
package struct GlobalStep: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }
    package init(_ value: UInt64) { self.rawValue = value }
    package var description: String { String(self.rawValue) }
    package static func < (lhs: GlobalStep, rhs: GlobalStep) -> Bool { lhs.rawValue < rhs.rawValue }
    package var next: GlobalStep { GlobalStep(self.rawValue + 1) }

    /// The weights it updates, and the newest its groups can be sampled with: those after all steps before it.
    package var startVersion: PolicyVersion { PolicyVersion(self.rawValue) }
    /// The weights it makes.
    package var endVersion: PolicyVersion { PolicyVersion(self.rawValue + 1) }
}

/// The weights after so many steps; version 0 is the model as loaded.
///
/// A version is not a step: which versions the groups of a step may be sampled with is the staleness bound's business.
package struct PolicyVersion: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }
    package init(_ value: UInt64) { self.rawValue = value }
    package var description: String { String(self.rawValue) }
    package static func < (lhs: PolicyVersion, rhs: PolicyVersion) -> Bool { lhs.rawValue < rhs.rawValue }

    /// The step that updates these weights.
    package var nextStep: GlobalStep { GlobalStep(self.rawValue) }
}

/// The place of a group in its step: prompt number `slot` (from 0) of step `step`.
package struct GroupID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package let purpose: Purpose
    package let step: GlobalStep
    package let slot: UInt32

    package init(purpose: Purpose = .training, step: GlobalStep, slot: UInt32) {
        self.purpose = purpose
        self.step = step
        self.slot = slot
    }

    /// As messages name it.
    package var description: String {
        "group \(self.slot) of \(self.purpose == .evaluation ? "the evaluation at " : "")step \(self.step)"
    }

    /// As records for programs name it: `training/5/1`.
    package var path: String { "\(self.purpose.rawValue)/\(self.step)/\(self.slot)" }

    package static func < (lhs: GroupID, rhs: GroupID) -> Bool {
        (lhs.step, lhs.purpose, lhs.slot) < (rhs.step, rhs.purpose, rhs.slot)
    }
}

/// What a group is sampled for.
package enum Purpose: String, Hashable, Comparable, Codable, Sendable, CaseIterable {
    /// Held-out problems, never trained on.
    case evaluation
    case training

    package static func < (lhs: Purpose, rhs: Purpose) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// The part a process plays.
package enum Role: String, Hashable, Codable, Sendable, CaseIterable {
    case controller, learner, worker, control
}
