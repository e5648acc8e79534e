/// Sizes and speeds as a person reads them.
enum Quantity {
    /// `850 MB`, `23.4 GB`; powers of ten.
    static func bytes(_ count: Int) -> String {
        count < 1_000_000_000 ? "\(count / 1_000_000) MB" : "\(Self.tenths(Double(count) / 1e9)) GB"
    }

    /// Operations per second, or bytes per second, in units of 10^9.
    static func giga(_ value: Double) -> String { value >= 100e9 ? "\(Int(value / 1e9))" : Self.tenths(value / 1e9) }

    /// `134.5 M`.
    static func millions(_ count: Int) -> String { "\(Self.tenths(Double(count) / 1e6)) M" }

    /// A rate with three digits that count.
    static func rate(_ value: Double) -> String {
        guard value.isFinite, value < 1e15 else { return "any number of" }
        var (unit, rest) = (1, Int(value))
        while rest >= 1000 { (unit, rest) = (unit * 10, rest / 10) }
        return "\(rest * unit)"
    }

    static func tenths(_ value: Double) -> String {
        let scaled = Int((value * 10).rounded())
        return "\(scaled / 10).\(scaled % 10)"
    }
}
