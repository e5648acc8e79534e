/// What looking at a run by one rule found.
package struct RunFinding: Hashable, Sendable, Encodable {
    /// What holds of every run, however often anybody died in it.
    package let rule: String
    /// How many things were looked at; 0 where the run left nothing of the kind.
    package private(set) var seen = 0
    /// Where it does not hold, and how.
    package private(set) var faults: [String] = []

    init(_ rule: String) { self.rule = rule }

    /// One more thing was looked at.
    /// - Parameter fault: What is wrong with it; nil for nothing.
    mutating func look(_ fault: @autoclosure () -> String? = nil) {
        self.seen += 1
        if let fault = fault() { self.faults.append(fault) }
    }

    /// One more thing was looked at, which is right if `isRight`.
    mutating func expect(_ isRight: Bool, _ fault: @autoclosure () -> String) {
        self.look(isRight ? nil : fault())
    }
}
