/// What a schedule is called in files and on command lines; it decides which parameters there are.
package enum ScheduleKind: Hashable, Sendable, CaseIterable, RawRepresentable {
    /// One temperature for all tokens.
    case constant
    /// `ead` with a clock of 20, as the code published with the paper computes it.
    case released
    case shape(ScheduleShape)

    package static let allCases =
        [Self.shape(.ead), .released, .constant] + ScheduleShape.allCases.filter { $0 != .ead }.map { .shape($0) }

    package init?(rawValue: String) {
        guard let kind = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = kind
    }

    package var rawValue: String {
        switch self {
        case .constant: "constant"
        case .released: "ead-released"
        case .shape(let shape): shape.rawValue
        }
    }

    /// The kind of a schedule; `ead` for a released one, whose clock says the rest.
    package init(_ schedule: TemperatureSchedule) {
        switch schedule {
        case .constant: self = .constant
        case .annealed(let annealed): self = .shape(annealed.shape)
        }
    }

    /// The schedule of the kind with every parameter at its default.
    package var schedule: TemperatureSchedule {
        switch self {
        case .constant: .constant(1)
        case .released: .annealed(.released)
        case .shape(let shape): .annealed(AnnealedSchedule(shape: shape))
        }
    }
}

extension ScheduleShape {
    /// What a curve may depend on besides maximum, minimum and warm-up, which all have.
    package enum Parameter: Hashable, Sendable {
        case initialDecay
        /// `decayGrowth` and `decayLimit`.
        case growth
        case clock
        case horizon
    }

    /// What the curve depends on.
    package var parameters: Set<Parameter> {
        switch self {
        case .ead, .reverse, .linear, .twoStage, .exponential: [.initialDecay, .growth, .clock]
        case .stepOnly: [.initialDecay, .growth, .clock, .horizon]
        case .exponentialBoth: [.initialDecay, .clock]
        case .stepDecay, .stepGrowth: [.initialDecay]
        case .meanMatched: []
        }
    }
}
