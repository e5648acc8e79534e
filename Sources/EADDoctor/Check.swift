/// One thing that was looked at: what was found, whether it will do, and what to do if not.
public struct Check: Hashable, Sendable, Codable {
    public enum Verdict: String, Hashable, Sendable, Codable, Comparable {
        case ok, warn, fail

        private var rank: Int { self == .ok ? 0 : self == .warn ? 1 : 2 }

        public static func < (lhs: Verdict, rhs: Verdict) -> Bool { lhs.rank < rhs.rank }
    }

    /// What was looked at, in one or two words.
    public var name: String
    public var verdict: Verdict
    /// What was found, as a phrase.
    public var found: String
    /// What to do about it; nil where there is nothing to do.
    public var advice: String?
    /// The figures behind it, with their units in their names.
    public var values: [String: Double]

    public init(
        _ name: String, _ verdict: Verdict = .ok, _ found: String, advice: String? = nil, values: [String: Double] = [:]
    ) {
        self.name = name
        self.verdict = verdict
        self.found = found
        self.advice = advice
        self.values = values
    }
}
