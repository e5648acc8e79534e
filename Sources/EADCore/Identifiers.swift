/// The index of a token in the model's vocabulary.
public typealias TokenID = UInt32

/// The name of one process in the cluster file, such as `learner` or `worker-2`; unique within a cluster.
public struct NodeID: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ name: String) { self.rawValue = name }
    public var description: String { self.rawValue }
    public static func < (lhs: NodeID, rhs: NodeID) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// One life of one process, numbered by the controller; a larger epoch of the same node fences the smaller ones.
public struct Epoch: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public init(_ value: UInt64) { self.rawValue = value }
    public var description: String { String(self.rawValue) }
    public static func < (lhs: Epoch, rhs: Epoch) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// A learner update cycle: the s of d_s. Step s turns policy version s into version s + 1.
public struct GlobalStep: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public init(_ value: UInt64) { self.rawValue = value }
    public var description: String { String(self.rawValue) }
    public static func < (lhs: GlobalStep, rhs: GlobalStep) -> Bool { lhs.rawValue < rhs.rawValue }
    public var next: GlobalStep { GlobalStep(self.rawValue + 1) }
}

/// The weights after `rawValue` steps; version 0 is the model as loaded.
public struct PolicyVersion: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public init(_ value: UInt64) { self.rawValue = value }
    public var description: String { String(self.rawValue) }
    public static func < (lhs: PolicyVersion, rhs: PolicyVersion) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// The place of a group in its step: prompt number `slot` (from 0) of step `step`.
public struct GroupID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    public let purpose: Purpose
    public let step: GlobalStep
    public let slot: UInt32

    public init(purpose: Purpose = .training, step: GlobalStep, slot: UInt32) {
        self.purpose = purpose
        self.step = step
        self.slot = slot
    }

    public var description: String { "\(self.purpose.rawValue)/\(self.step)/\(self.slot)" }

    public static func < (lhs: GroupID, rhs: GroupID) -> Bool {
        (lhs.step, lhs.purpose, lhs.slot) < (rhs.step, rhs.purpose, rhs.slot)
    }
}

/// What a group is sampled for.
public enum Purpose: String, Hashable, Comparable, Codable, Sendable, CaseIterable {
    /// Held-out problems, never trained on.
    case evaluation
    case training

    public static func < (lhs: Purpose, rhs: Purpose) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// The part a process plays.
public enum Role: String, Hashable, Codable, Sendable, CaseIterable {
    case controller, learner, worker, control
}
