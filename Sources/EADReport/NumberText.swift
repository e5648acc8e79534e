import Glibc

/// Numbers as people read them: a true minus sign, thin spaces between thousands.
enum NumberText {
    private static let minus = "\u{2212}"
    private static let thousands = "\u{202F}"

    /// With a fixed number of decimals; not finite: `NaN`, an infinity sign.
    static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? self.minus + "\u{221E}" : "\u{221E}" }
        guard abs(value) < 1e15 else { return self.scientific(value) }
        let scale = pow(10, Double(decimals))
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 9e18 else { return self.scientific(value) }
        let digits = String(UInt64(scaled))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let whole = self.grouped(String(padded.dropLast(decimals)))
        let sign = value < 0 && scaled > 0 ? self.minus : ""
        return sign + whole + (decimals > 0 ? "." + padded.suffix(decimals) : "")
    }

    /// The same with its sign, of which 0 has none.
    static func signed(_ value: Double, decimals: Int) -> String {
        let text = self.fixed(value, decimals: decimals)
        let isPositive = value > 0 && text.contains { ("1"..."9").contains($0) }
        return isPositive ? "+" + text : text
    }

    /// With about three significant digits.
    static func short(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return self.fixed(value, decimals: 0) }
        let exponent = Int(log10(abs(value)).rounded(.down))
        if exponent < -4 || exponent >= 9 { return self.scientific(value) }
        let text = self.fixed(value, decimals: max(0, 2 - exponent))
        return self.withoutZeros(text)
    }

    /// Such as 2.5e-5; `value` is not 0.
    static func scientific(_ value: Double, decimals: Int = 1) -> String {
        let scale = pow(10, Double(decimals))
        var exponent = log10(abs(value)).rounded(.down)
        var mantissa = (value / pow(10, exponent) * scale).rounded() / scale
        if abs(mantissa) >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        let digits = self.withoutZeros(self.fixed(mantissa, decimals: decimals))
        return digits + "e" + (exponent < 0 ? self.minus : "") + String(Int(abs(exponent)))
    }

    /// Without zeros at the end of the decimals.
    private static func withoutZeros(_ text: String) -> String {
        guard text.contains(".") else { return text }
        let trimmed = text.reversed().drop { $0 == "0" }
        return String((trimmed.first == "." ? trimmed.dropFirst() : trimmed).reversed())
    }

    private static func grouped(_ digits: String) -> String {
        guard digits.count > 4 else { return digits }
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result += self.thousands }
            result.append(digit)
        }
        return result
    }
}
