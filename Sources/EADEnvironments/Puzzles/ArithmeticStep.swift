/// One step of a puzzle: `a+b=c`, `a-b=c` or `a*b=c` of whole numbers that are not negative.
struct ArithmeticStep: Hashable, Sendable {
    enum Operation: String, Hashable, Sendable, CaseIterable {
        case sum = "+"
        case difference = "-"
        case product = "*"

        /// Nil for what is below 0.
        func result(of left: Int, _ right: Int) -> Int? {
            switch self {
            case .sum: left + right
            case .difference: left < right ? nil : left - right
            case .product: left * right
            }
        }
    }

    let left: Int
    let operation: Operation
    let right: Int
    let result: Int

    /// The right result; nil where it would be below 0.
    init?(_ left: Int, _ operation: Operation, _ right: Int) {
        guard let result = operation.result(of: left, right) else { return nil }
        self.left = left
        self.operation = operation
        self.right = right
        self.result = result
    }

    /// Reads a step whose arithmetic is right, with or without blanks around its parts; nil for anything else.
    init?(_ text: some StringProtocol) {
        let sides = text.split(separator: "=", omittingEmptySubsequences: false)
        guard sides.count == 2, let result = Self.number(sides[1]),
            let sign = sides[0].firstIndex(where: { Operation(rawValue: String($0)) != nil }),
            let operation = Operation(rawValue: String(sides[0][sign])),
            let left = Self.number(sides[0][..<sign]),
            let right = Self.number(sides[0][sides[0].index(after: sign)...]),
            operation.result(of: left, right) == result
        else { return nil }
        self.left = left
        self.operation = operation
        self.right = right
        self.result = result
    }

    /// Reads up to six digits, with or without blanks around them.
    static func number(_ text: some StringProtocol) -> Int? {
        let digits = text.drop { $0 == " " }.prefix { $0 != " " }
        guard (1...6).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
            text[digits.endIndex...].allSatisfy({ $0 == " " })
        else { return nil }
        return Int(digits)
    }

    /// Reads numbers with blanks between them; nil if one of them is none.
    static func numbers(_ text: some StringProtocol) -> [Int]? {
        let words = text.split(separator: " ")
        let numbers = words.compactMap { Self.number($0) }
        return numbers.count == words.count ? numbers : nil
    }
}

extension ArithmeticStep: CustomStringConvertible {
    var description: String { "\(self.left)\(self.operation.rawValue)\(self.right)=\(self.result)" }
}
