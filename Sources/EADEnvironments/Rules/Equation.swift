/// A line of the form `a op b = c` and nothing else, with op one of + - * x × / ÷.
struct Equation: Sendable {
    enum Operation: Sendable {
        case sum, difference, product, quotient
    }

    let left: DecimalNumber
    let operation: Operation
    let right: DecimalNumber
    let result: DecimalNumber

    /// Reads text without surrounding white space; single or several spaces may stand between the parts.
    init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        var position = 0
        func skipSpaces() {
            while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
        }
        guard let left = DecimalNumber.read(bytes, at: &position) else { return nil }
        skipSpaces()
        let rest = bytes[position...]
        guard let sign = Self.signs.first(where: { rest.starts(with: $0.text.utf8) }) else { return nil }
        position += sign.text.utf8.count
        skipSpaces()
        guard let right = DecimalNumber.read(bytes, at: &position) else { return nil }
        skipSpaces()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else { return nil }
        position += 1
        skipSpaces()
        guard let result = DecimalNumber.read(bytes, at: &position), position == bytes.count else { return nil }
        self.left = left
        self.operation = sign.operation
        self.right = right
        self.result = result
    }

    private static let signs: [(text: String, operation: Operation)] = [
        ("+", .sum), ("-", .difference), ("\u{2212}", .difference), ("*", .product), ("x", .product),
        ("\u{D7}", .product), ("/", .quotient), ("\u{F7}", .quotient),
    ]

    /// Whether the arithmetic is right, exactly; false as well for a number of more than 12 digits.
    var isCorrect: Bool {
        guard let left = Scaled(self.left), let right = Scaled(self.right), let result = Scaled(self.result) else {
            return false
        }
        return switch self.operation {
        case .sum: left.sum(right) == result
        case .difference: left == result.sum(right)
        case .product: left.product(right) == result
        case .quotient: right.digits != 0 && result.product(right) == left
        }
    }

    /// digits * 10^-places; 12 digits keep every product and its alignment inside 128 bits.
    private struct Scaled: Equatable {
        var digits: Int128
        var places: Int

        init(digits: Int128, places: Int) {
            self.digits = digits
            self.places = places
        }

        init?(_ number: DecimalNumber) {
            guard number.integer.count + number.fraction.count <= 12 else { return nil }
            let magnitude = (number.integer + number.fraction).reduce(Int128(0)) {
                $0 * 10 + Int128($1 - UInt8(ascii: "0"))
            }
            self.init(digits: number.isNegative ? -magnitude : magnitude, places: number.fraction.count)
        }

        private func digits(places: Int) -> Int128 {
            (self.places..<places).reduce(self.digits) { digits, _ in digits * 10 }
        }

        func sum(_ other: Scaled) -> Scaled {
            let places = max(self.places, other.places)
            return Scaled(digits: self.digits(places: places) + other.digits(places: places), places: places)
        }

        func product(_ other: Scaled) -> Scaled {
            Scaled(digits: self.digits * other.digits, places: self.places + other.places)
        }

        static func == (lhs: Scaled, rhs: Scaled) -> Bool {
            let places = max(lhs.places, rhs.places)
            return lhs.digits(places: places) == rhs.digits(places: places)
        }
    }
}
