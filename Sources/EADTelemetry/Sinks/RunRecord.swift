package import EADCore

/// One line of a run's log.
package struct RunRecord: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// A learner update.
        case step
        /// Scores on held-out problems.
        case evaluation
        /// Something that happened, such as a worker that joined or a resumed run.
        case event
    }

    package var kind: Kind
    /// Seconds since 1970.
    package var time: Double
    package var step: GlobalStep
    /// Figures, which may be NaN or infinite.
    package var values: MetricValues
    /// Texts by name.
    package var notes: [String: String]

    package init(
        kind: Kind, time: Double, step: GlobalStep, values: MetricValues = [:], notes: [String: String] = [:]
    ) {
        self.kind = kind
        self.time = time
        self.step = step
        self.values = values
        self.notes = notes
    }
}

extension RunRecord: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, time, step, values, notes
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            kind: try container.decode(Kind.self, forKey: .kind),
            time: try container.decode(Double.self, forKey: .time),
            step: GlobalStep(try container.decode(UInt64.self, forKey: .step)),
            values: try container.decodeIfPresent(MetricValues.self, forKey: .values) ?? [:],
            notes: try container.decodeIfPresent([String: String].self, forKey: .notes) ?? [:])
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.kind, forKey: .kind)
        try container.encode(self.time, forKey: .time)
        try container.encode(self.step.rawValue, forKey: .step)
        if !self.values.isEmpty { try container.encode(self.values, forKey: .values) }
        if !self.notes.isEmpty { try container.encode(self.notes, forKey: .notes) }
    }
}
