/// One thing that was looked at: what was found, whether it will do, and what to do if not.
package struct Check: Hashable, Sendable, Codable {
    package enum Outcome: String, Hashable, Sendable, Codable, Comparable {
        case ok, warn, fail

        private var rank: Int { self == .ok ? 0 : self == .warn ? 1 : 2 }

        package static func < (lhs: Outcome, rhs: Outcome) -> Bool { lhs.rank < rhs.rank }
    }

    /// What was looked at, in one or two words.
    package var name: String
    package var outcome: Outcome
    /// What was found, as a phrase.
    package var found: String
    /// What to do about it; nil where there is nothing to do.
    package var advice: String?
    /// The figures behind it, with their units in their names.
    package var values: [String: Double]

    package init(
        _ name: String, _ outcome: Outcome = .ok, _ found: String, advice: String? = nil, values: [String: Double] = [:]
    ) {
        self.name = name
        self.outcome = outcome
        self.found = found
        self.advice = advice
        self.values = values
    }
}
