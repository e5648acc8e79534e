package import EADCore
package import EADSampling

/// A problem that is made from random numbers and solved in steps of arithmetic, one line each.
///
/// The first steps decide whether the goal can still be reached; what follows is carrying out.
package protocol Puzzle: Hashable, Sendable {
    /// How hard its problems may be.
    static var difficulties: ClosedRange<Int> { get }

    /// A problem that has a solution; nil where the numbers drawn make none.
    static func random(difficulty: Int, _ generator: inout PhiloxGenerator) -> Self?

    /// Reads what `statement` writes; nil for anything else.
    init?(_ statement: String)

    /// The problem in one line: a prompt without the line feed that ends it, and the answer that responses are scored by.
    var statement: String { get }

    /// Problems that are the same, told in another order, are one family.
    var family: String { get }

    /// A response whose arithmetic is right, and whose every step is chosen to lead to the goal with this probability, and
    /// at random otherwise; nil where 1 is asked of a problem without a solution.
    func demonstration(quality: Double, _ generator: inout PhiloxGenerator) -> String?

    /// A right response is a chain of right steps to the goal, whichever; its prediction is the way it took, in a form in
    /// which equal ways are equal texts.
    func verdict(on response: String) -> Verdict
}

extension Puzzle {
    var prompt: String { "\(self.statement)\n" }
}

extension PhiloxGenerator {
    /// A number of the range, each equally often.
    mutating func number(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(self.below(UInt64(range.count)))
    }

    /// An element, each equally often; nil of none.
    mutating func element<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[Int(self.below(UInt64(elements.count)))]
    }

    /// The elements in a random order.
    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var order = elements
        for last in stride(from: order.count - 1, to: 0, by: -1) {
            order.swapAt(last, Int(self.below(UInt64(last) + 1)))
        }
        return order
    }
}
