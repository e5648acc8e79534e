package import EADCore

/// How responses are drawn: the temperature of each token, the filters after it, and where a response ends.
///
/// The filters act on the annealed distribution, in this order: top-k, top-p, min-p. In training they are best left off:
/// a filtered law gives some tokens probability 0, which importance weights cannot undo.
package struct SamplingConfiguration: Hashable, Sendable {
    package var schedule: TemperatureSchedule
    /// Keeps the k most probable tokens; 0 keeps all.
    package var topK: Int
    /// Keeps the smallest set of most probable tokens whose mass reaches it, in (0, 1]; 1 keeps all.
    package var topP: Float
    /// Keeps tokens at least this fraction as probable as the most probable one, in [0, 1]; 0 keeps all.
    package var minP: Float
    /// The longest response, in tokens.
    package var maxTokens: Int
    /// A response ends when its text contains one of these.
    package var stopStrings: [String]

    package init(
        schedule: TemperatureSchedule, topK: Int = 0, topP: Float = 1, minP: Float = 0, maxTokens: Int,
        stopStrings: [String] = []
    ) {
        self.schedule = schedule
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.maxTokens = maxTokens
        self.stopStrings = stopStrings
    }

    /// Every setting that cannot be used.
    package func problems() -> [ConfigurationProblem] {
        var found = self.schedule.problems().map { $0.within("schedule") }
        func require(_ condition: Bool, _ field: String, _ message: String) {
            if !condition { found.append(ConfigurationProblem(field: field, message: message)) }
        }
        require(self.topK >= 0, "topK", "must be at least 0 (0 keeps all tokens), not \(self.topK)")
        require(self.topP > 0 && self.topP <= 1, "topP", "must be above 0 and at most 1, not \(self.topP)")
        require(self.minP >= 0 && self.minP <= 1, "minP", "must be between 0 and 1, not \(self.minP)")
        require(self.maxTokens >= 1, "maxTokens", "must be at least 1, not \(self.maxTokens)")
        require(!self.stopStrings.contains(""), "stopStrings", "must not contain an empty string")
        return found
    }
}

extension SamplingConfiguration: Codable {
    private enum CodingKeys: String, CodingKey {
        case schedule, topK, topP, minP, maxTokens, stopStrings
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.schedule = try container.decode(TemperatureSchedule.self, forKey: .schedule)
        self.topK = try container.decodeIfPresent(Int.self, forKey: .topK) ?? 0
        self.topP = try container.decodeIfPresent(Float.self, forKey: .topP) ?? 1
        self.minP = try container.decodeIfPresent(Float.self, forKey: .minP) ?? 0
        self.maxTokens = try container.decode(Int.self, forKey: .maxTokens)
        self.stopStrings = try container.decodeIfPresent([String].self, forKey: .stopStrings) ?? []
    }
}
