package import EADCore

/// The temperature each response token is drawn at.
///
/// Written with a `kind`, a `ScheduleKind`: `constant` with a `temperature`, or any other with the fields of
/// `AnnealedSchedule`, each of which has a default.
package enum TemperatureSchedule: Hashable, Sendable {
    /// One temperature for all tokens; 0 is greedy decoding.
    case constant(Float)
    /// Exploratory Annealed Decoding, or one of the curves it is compared with.
    case annealed(AnnealedSchedule)

    /// The temperatures a logit can be divided by without leaving 32-bit range or becoming a point mass.
    static let range: ClosedRange<Double> = 0.001...100

    /// The temperature of the token at the 0-based response `position` (>= 0) in the given step.
    package func temperature(at position: Int, step: GlobalStep) -> Float {
        switch self {
        case .constant(let temperature): temperature
        case .annealed(let schedule): schedule.temperature(at: position, step: step)
        }
    }

    /// d_s, in tokens, or nil for a schedule without a decay.
    package func decay(at step: GlobalStep) -> Double? {
        switch self {
        case .constant: nil
        case .annealed(let schedule): schedule.decay(at: step)
        }
    }

    /// Every setting that makes no schedule.
    package func problems() -> [ConfigurationProblem] {
        switch self {
        case .constant(let temperature):
            guard temperature != 0, !Self.range.contains(Double(temperature)) else { return [] }
            let range = "between \(Self.range.lowerBound) and \(Self.range.upperBound)"
            let message = "must be 0 (greedy) or \(range), not \(temperature)"
            return [ConfigurationProblem(field: "temperature", message: message)]
        case .annealed(let schedule):
            return schedule.problems()
        }
    }
}

extension TemperatureSchedule: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, temperature
        case maximum, minimum, initialDecay, decayGrowth, decayLimit, warmup, clock, horizon
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(String.self, forKey: .kind)
        guard let kind = ScheduleKind(rawValue: name) else {
            let known = ScheduleKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: container, debugDescription: "'\(name)' is not one of \(known)")
        }
        switch kind.schedule {
        case .constant(let temperature):
            self = .constant(try container.decodeIfPresent(Float.self, forKey: .temperature) ?? temperature)
        case .annealed(let defaults):
            self = .annealed(try Self.annealed(in: container, over: defaults))
        }
    }

    private static func annealed(
        in container: KeyedDecodingContainer<CodingKeys>, over defaults: AnnealedSchedule
    ) throws -> AnnealedSchedule {
        func number(_ key: CodingKeys, _ value: Double) throws -> Double {
            try container.decodeIfPresent(Double.self, forKey: key) ?? value
        }
        return AnnealedSchedule(
            shape: defaults.shape,
            maximum: try number(.maximum, defaults.maximum),
            minimum: try number(.minimum, defaults.minimum),
            initialDecay: try number(.initialDecay, defaults.initialDecay),
            decayGrowth: try number(.decayGrowth, defaults.decayGrowth),
            decayLimit: try number(.decayLimit, defaults.decayLimit),
            warmup: try container.decodeIfPresent(Int.self, forKey: .warmup) ?? defaults.warmup,
            clock: try number(.clock, defaults.clock),
            horizon: try container.decodeIfPresent(Int.self, forKey: .horizon) ?? defaults.horizon)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .constant(let temperature):
            try container.encode(ScheduleKind.constant.rawValue, forKey: .kind)
            try container.encode(temperature, forKey: .temperature)
        case .annealed(let schedule):
            try container.encode(schedule.shape, forKey: .kind)
            try container.encode(schedule.maximum, forKey: .maximum)
            try container.encode(schedule.minimum, forKey: .minimum)
            try container.encode(schedule.initialDecay, forKey: .initialDecay)
            try container.encode(schedule.decayGrowth, forKey: .decayGrowth)
            try container.encode(schedule.decayLimit, forKey: .decayLimit)
            try container.encode(schedule.warmup, forKey: .warmup)
            try container.encode(schedule.clock, forKey: .clock)
            try container.encode(schedule.horizon, forKey: .horizon)
        }
    }
}
