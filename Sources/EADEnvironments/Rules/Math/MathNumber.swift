/// A text that is one number, with the unit behind it.
///
/// Numbers are decimals with thousands separators, fractions (`3/4`, `\frac{3}{4}`, `\frac34`), mixed numbers (`1 1/2`,
/// `1\frac{1}{2}`), with an exponent (`1.5e3`, `1.5 \times 10^{3}`), a sign and a currency.
struct MathNumber {
    let value: ExactNumber
    /// In one form for the same unit; empty without one.
    let unit: String

    init?(_ text: MathText) {
        var reader = Reader(Array(text.scalars))
        guard let value = reader.value(), let unit = reader.unit() else { return nil }
        self.value = value
        self.unit = unit
    }

    private struct Reader {
        let scalars: [Unicode.Scalar]
        var index = 0
        var currency = ""

        init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

        var next: Unicode.Scalar? { self.index < self.scalars.count ? self.scalars[self.index] : nil }

        mutating func skipBlanks() { while self.next?.isBlank ?? false { self.index += 1 } }

        mutating func take(_ text: String) -> Bool {
            guard self.scalars[self.index...].starts(with: text.unicodeScalars) else { return false }
            self.index += text.unicodeScalars.count
            return true
        }

        /// Tries to read; goes back to where it was when that fails.
        mutating func attempt<T>(_ body: (inout Reader) -> T?) -> T? {
            var copy = self
            guard let result = body(&copy) else { return nil }
            self = copy
            return result
        }

        mutating func value() -> ExactNumber? {
            let isNegative = self.sign()
            if let next = self.next, next.isCurrency {
                self.currency = String(next)
                self.index += 1
                self.skipBlanks()
            }
            let isNegativeAfter = self.sign()
            guard !(isNegative && isNegativeAfter) else { return nil }
            guard let magnitude = self.magnitude() else { return nil }
            return isNegative || isNegativeAfter ? magnitude.negated : magnitude
        }

        private mutating func sign() -> Bool {
            guard self.next == "-" || self.next == "+" else { return false }
            let isMinus = self.next == "-"
            self.index += 1
            self.skipBlanks()
            return isMinus
        }

        private mutating func magnitude() -> ExactNumber? {
            if let fraction = self.attempt({ $0.commandFraction() }) { return fraction }
            guard let decimal = self.decimal() else { return nil }
            let number = ExactNumber(decimal)
            if let divisor = self.attempt({ $0.divisor() }) { return number.divided(by: ExactNumber(divisor)) }
            let isWhole = decimal.fraction.isEmpty
            if isWhole, let fraction = self.attempt({ $0.mixed() }) { return number.adding(fraction) }
            return number
        }

        /// `/ 4`
        private mutating func divisor() -> DecimalNumber? {
            self.skipBlanks()
            guard self.take("/") else { return nil }
            self.skipBlanks()
            return self.decimal()
        }

        /// The fraction of a mixed number.
        private mutating func mixed() -> ExactNumber? {
            let start = self.index
            self.skipBlanks()
            if let fraction = self.attempt({ $0.commandFraction() }) { return fraction }
            guard self.index > start, let numerator = self.decimal(), numerator.fraction.isEmpty,
                let denominator = self.divisor(), denominator.fraction.isEmpty
            else { return nil }
            return ExactNumber(numerator).divided(by: ExactNumber(denominator))
        }

        /// `\frac{3}{4}`, `\frac34`
        private mutating func commandFraction() -> ExactNumber? {
            guard self.take(#"\frac"#), let numerator = self.argument(), let denominator = self.argument() else {
                return nil
            }
            return numerator.divided(by: denominator)
        }

        private mutating func argument() -> ExactNumber? {
            self.skipBlanks()
            if self.take("{") {
                self.skipBlanks()
                let isNegative = self.sign()
                guard let number = self.decimal() else { return nil }
                self.skipBlanks()
                guard self.take("}") else { return nil }
                return isNegative ? ExactNumber(number).negated : ExactNumber(number)
            }
            guard let digit = self.next, digit.isDigit, let number = DecimalNumber(String(digit)) else { return nil }
            self.index += 1
            return ExactNumber(number)
        }

        /// Digits with separators, a point and a power of ten.
        private mutating func decimal() -> DecimalNumber? {
            guard var number = self.digits() else { return nil }
            if let exponent = self.attempt({ $0.exponent() }) { number = number.scaled(by: exponent) }
            return number
        }

        private mutating func digits() -> DecimalNumber? {
            let start = self.index
            var end = start
            func isDigit(_ index: Int) -> Bool { index < self.scalars.count && self.scalars[index].isDigit }
            while isDigit(end) { end += 1 }
            if (1...3).contains(end - start), end < self.scalars.count, self.scalars[end] == " " {
                // Groups of three digits between blanks.
                while end < self.scalars.count, self.scalars[end] == " ", isDigit(end + 1), isDigit(end + 2),
                    isDigit(end + 3), !isDigit(end + 4), end + 4 >= self.scalars.count || self.scalars[end + 4] != "/"
                {
                    end += 4
                }
            } else {
                while end < self.scalars.count,
                    self.scalars[end].isDigit || ",.".unicodeScalars.contains(self.scalars[end])
                {
                    end += 1
                }
            }
            let digits = self.scalars[start..<end].filter { $0 != " " }
            guard let number = DecimalNumber(String(String.UnicodeScalarView(digits))) else { return nil }
            self.index = end
            return number
        }

        /// `e3`, `\times 10^{3}`
        private mutating func exponent() -> Int? {
            if self.take("e") || self.take("E") { return self.integer() }
            self.skipBlanks()
            guard ["\\times", "\\cdot", "\u{D7}", "\u{B7}", "*", "x"].contains(where: { self.take($0) }) else {
                return nil
            }
            self.skipBlanks()
            guard self.take("10^") else { return nil }
            guard self.take("{") else { return self.integer() }
            guard let exponent = self.integer(), self.take("}") else { return nil }
            return exponent
        }

        private mutating func integer() -> Int? {
            let isNegative = self.sign()
            let digits = self.scalars[self.index...].prefix(while: \.isDigit)
            guard (1...3).contains(digits.count), let number = Int(String(String.UnicodeScalarView(digits))) else {
                return nil
            }
            self.index += digits.count
            return isNegative ? -number : number
        }

        /// What follows the number, if it is a unit and nothing else.
        mutating func unit() -> String? {
            let rest = self.scalars[self.index...]
            guard let name = UnitName(rest) else { return nil }
            let currency =
                self.currency.isEmpty ? "" : UnitName(self.currency.unicodeScalars.map { $0 }[...])?.text ?? ""
            return name.text.isEmpty ? currency : name.text
        }
    }
}
