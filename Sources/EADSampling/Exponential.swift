/// The functions that temperatures are made of, from additions and products alone, so that they are the same bits on every
/// host; those of a system's library depend on its version and on the processor.
enum Exponential {
    /// ln 2 in two parts; products of the first with a whole number up to 2048 are exact.
    private static let ln2 = (high: 0x1.62e42feep-1, low: 0x1.a39ef35793c76p-33)

    /// e^x, within one unit in the last place; infinite or 0 where that is out of range.
    static func exp(_ x: Double) -> Double {
        guard x < 709.79 else { return x.isNaN ? x : .infinity }
        guard x > -745.2 else { return 0 }
        let halvings = (x / Self.ln2.high).rounded()
        let rest = (x - halvings * Self.ln2.high) - halvings * Self.ln2.low
        // Powers of two that are numbers themselves, also where the result is below the smallest normal one.
        let half = Int(halvings) / 2
        let scale = Double(sign: .plus, exponent: half, significand: 1)
        let other = Double(sign: .plus, exponent: Int(halvings) - half, significand: 1)
        return (1 + Self.expm1OfSmall(rest)) * scale * other
    }

    /// e^x - 1, also where e^x is nearly 1.
    static func expm1(_ x: Double) -> Double {
        abs(x) < 0.5 ? Self.expm1OfSmall(x) : Self.exp(x) - 1
    }

    /// The natural logarithm of a finite number above 0.
    static func log(_ x: Double) -> Double {
        precondition(x > 0 && x.isFinite, "only finite numbers above 0 have a logarithm here")
        var (exponent, significand) = (Double(x.exponent), x.significand)
        if significand > 1.4142135623730951 { (exponent, significand) = (exponent + 1, significand / 2) }
        // log m = 2 artanh s, by its series: s is at most 0.172.
        let s = (significand - 1) / (significand + 1)
        let square = s * s
        var sum = 0.0
        for power in stride(from: 25.0, through: 3, by: -2) { sum = sum * square + 1 / power }
        let rest = 2 * s + 2 * s * square * sum
        return exponent * Self.ln2.high + (exponent * Self.ln2.low + rest)
    }

    /// The series of e^x - 1 for -0.5 <= x <= 0.5, from its smallest term on.
    private static func expm1OfSmall(_ x: Double) -> Double {
        var sum = 0.0
        for power in stride(from: 18.0, through: 2, by: -1) { sum = (sum + 1) * x / power }
        return x + x * sum
    }
}
