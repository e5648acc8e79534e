/// A rational number, or a decimal one of any length; compared exactly.
enum ExactNumber: Hashable, Sendable {
    /// In lowest terms, with a denominator above 0.
    case ratio(numerator: Int128, denominator: Int128)
    /// One of more digits than a ratio takes.
    case decimal(DecimalNumber)

    init(_ number: DecimalNumber) {
        let digits = number.integer + number.fraction
        guard digits.count <= Self.digits else {
            self = .decimal(number)
            return
        }
        let magnitude = digits.reduce(Int128(0)) { $0 * 10 + Int128($1 - UInt8(ascii: "0")) }
        let denominator = number.fraction.reduce(Int128(1)) { denominator, _ in denominator * 10 }
        self = Self.reduced(number.isNegative ? -magnitude : magnitude, denominator)
    }

    /// The products of two numbers of so many digits stay inside 128 bits.
    private static let digits = 18

    private static func reduced(_ numerator: Int128, _ denominator: Int128) -> ExactNumber {
        var (a, b) = (abs(numerator), denominator)
        while b != 0 { (a, b) = (b, a % b) }
        return .ratio(numerator: numerator / a, denominator: denominator / a)
    }

    /// Nil for a division by 0, or for numbers of too many digits.
    func divided(by other: ExactNumber) -> ExactNumber? {
        guard case .ratio(let a, let b) = self, case .ratio(let c, let d) = other, c != 0 else { return nil }
        let top = a.multipliedReportingOverflow(by: d)
        let bottom = b.multipliedReportingOverflow(by: abs(c))
        guard !top.overflow, !bottom.overflow else { return nil }
        return Self.reduced(c < 0 ? -top.partialValue : top.partialValue, bottom.partialValue)
    }

    /// Nil for numbers of too many digits.
    func adding(_ other: ExactNumber) -> ExactNumber? {
        guard case .ratio(let a, let b) = self, case .ratio(let c, let d) = other else { return nil }
        let (left, leftOverflow) = a.multipliedReportingOverflow(by: d)
        let (right, rightOverflow) = c.multipliedReportingOverflow(by: b)
        let (sum, sumOverflow) = left.addingReportingOverflow(right)
        let (bottom, bottomOverflow) = b.multipliedReportingOverflow(by: d)
        guard !leftOverflow, !rightOverflow, !sumOverflow, !bottomOverflow else { return nil }
        return Self.reduced(sum, bottom)
    }

    var negated: ExactNumber {
        switch self {
        case .ratio(let numerator, let denominator): .ratio(numerator: -numerator, denominator: denominator)
        case .decimal(let number): .decimal(number.negated)
        }
    }
}

extension ExactNumber: CustomStringConvertible {
    /// `-7`, `1/2`; equal for equal numbers.
    var description: String {
        switch self {
        case .ratio(let numerator, 1): "\(numerator)"
        case .ratio(let numerator, let denominator): "\(numerator)/\(denominator)"
        case .decimal(let number): "\(number)"
        }
    }
}
