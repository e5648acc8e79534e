/// An expression of sums, differences and products in a form that does not depend on the order of terms and factors, nor on
/// how they are grouped: `9-(5-4)` and `4-5+9` are `4+9-5`.
enum CanonicalExpression: Hashable, Sendable {
    case number(Int)
    /// What is added, and what is taken away, as texts.
    case sum(plus: [String], minus: [String])
    case product([String])

    init(_ left: CanonicalExpression, _ operation: ArithmeticStep.Operation, _ right: CanonicalExpression) {
        let (first, second) = (left.terms, right.terms)
        self =
            switch operation {
            case .sum: .sum(plus: first.plus + second.plus, minus: first.minus + second.minus)
            case .difference: .sum(plus: first.plus + second.minus, minus: first.minus + second.plus)
            case .product: .product(left.factors + right.factors)
            }
    }

    private var terms: (plus: [String], minus: [String]) {
        switch self {
        case .number, .product: ([self.text], [])
        case .sum(let plus, let minus): (plus, minus)
        }
    }

    private var factors: [String] {
        switch self {
        case .number: [self.text]
        case .sum: ["(\(self.text))"]
        case .product(let factors): factors
        }
    }

    var text: String {
        switch self {
        case .number(let number): "\(number)"
        case .sum(let plus, let minus):
            plus.sorted().joined(separator: "+") + minus.sorted().map { "-\($0)" }.joined()
        case .product(let factors): factors.sorted().joined(separator: "*")
        }
    }
}
