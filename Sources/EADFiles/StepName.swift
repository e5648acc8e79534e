/// The name of what belongs to a step: `step-000012`, with at least six digits, so that a listing is in order.
package struct StepName: Hashable, Sendable {
    package let number: UInt64

    private static let prefix = "step-"
    private static let digits = 6

    package init(_ number: UInt64) { self.number = number }

    /// Reads a name followed by `suffix`; nil for anything that `text` would not have written.
    package init?(_ name: String, suffix: String = "") {
        guard name.hasPrefix(Self.prefix), name.hasSuffix(suffix), name.count > Self.prefix.count + suffix.count,
            let number = UInt64(name.dropFirst(Self.prefix.count).dropLast(suffix.count))
        else { return nil }
        self.number = number
        guard self.text + suffix == name else { return nil }
    }

    package var text: String {
        let digits = String(self.number)
        return Self.prefix + String(repeating: "0", count: max(0, Self.digits - digits.count)) + digits
    }
}
