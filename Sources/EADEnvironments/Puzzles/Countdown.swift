package import EADCore
package import EADSampling

/// Given numbers are to be joined by sums, differences and products, each used once, until the target is left.
///
///     prompt      7 3 9 4 -> 34
///     response    7*4=28 left 3 9 28
///                 9+28=37 left 3 37
///                 37-3=34
///
/// The difficulty is the count of numbers. What stands after `left` is a help for whoever goes on, and only the strict
/// reward asks for it.
package struct Countdown: Puzzle {
    package static let difficulties = 3...8
    /// Of problems and of the steps of demonstrations.
    private static let numbers = 1...12
    private static let results = 1...99
    private static let targets = 10...99

    let numbers: [Int]
    let target: Int

    package init?(_ statement: String) {
        let sides = statement.split(separator: "->", omittingEmptySubsequences: false)
        guard sides.count == 2, let numbers = ArithmeticStep.numbers(sides[0]), numbers.count > 1,
            let target = ArithmeticStep.number(sides[1])
        else { return nil }
        self.numbers = numbers
        self.target = target
    }

    private init(numbers: [Int], target: Int) {
        self.numbers = numbers
        self.target = target
    }

    package static func random(difficulty: Int, _ generator: inout PhiloxGenerator) -> Countdown? {
        let numbers = (0..<difficulty).map { _ in generator.number(in: Self.numbers) }
        var pool = numbers
        while pool.count > 1 {
            guard let move = generator.element(of: Self.moves(in: pool)) else { return nil }
            pool = move.rest
        }
        return Self.targets.contains(pool[0]) ? Countdown(numbers: numbers, target: pool[0]) : nil
    }

    package var statement: String { "\(Self.list(self.numbers)) -> \(self.target)" }

    package var family: String { "\(Self.list(self.numbers.sorted())) -> \(self.target)" }

    private static func list(_ numbers: [Int]) -> String { numbers.map { "\($0)" }.joined(separator: " ") }

    // MARK: Demonstrations

    /// A step, and the numbers that are there after it.
    private struct Move {
        let step: ArithmeticStep
        let rest: [Int]
    }

    /// Every step that these numbers allow.
    private static func moves(in pool: [Int]) -> [Move] {
        var moves: [Move] = []
        for first in pool.indices {
            for second in pool.indices.dropFirst(first + 1) {
                let others = pool.indices.filter { $0 != first && $0 != second }.map { pool[$0] }
                for operation in ArithmeticStep.Operation.allCases {
                    let swaps = operation == .difference && pool[first] < pool[second]
                    let (left, right) = swaps ? (pool[second], pool[first]) : (pool[first], pool[second])
                    guard let step = ArithmeticStep(left, operation, right), Self.results.contains(step.result) else {
                        continue
                    }
                    moves.append(Move(step: step, rest: others + [step.result]))
                }
            }
        }
        return moves
    }

    private func isReachable(from pool: [Int]) -> Bool {
        guard pool.count > 1 else { return pool[0] == self.target }
        return Self.moves(in: pool).contains { self.isReachable(from: $0.rest) }
    }

    package func demonstration(quality: Double, _ generator: inout PhiloxGenerator) -> String? {
        var pool = self.numbers
        var lines: [String] = []
        while pool.count > 1 {
            let moves = Self.moves(in: pool)
            guard var move = generator.element(of: moves) else { break }
            if generator.uniform() < quality {
                let found = generator.shuffled(moves).first { self.isReachable(from: $0.rest) }
                if found == nil, quality == 1 { return nil }
                move = found ?? move
            }
            pool = move.rest
            lines.append("\(move.step)" + (pool.count > 1 ? " left \(Self.list(pool))" : ""))
        }
        return lines.joined(separator: "\n")
    }

    // MARK: Verdicts

    package func verdict(on response: String) -> Verdict {
        var pool = self.numbers.map { (number: $0, form: CanonicalExpression.number($0)) }
        var isStrict = true
        for line in response.withoutOuterSpace.split(separator: "\n", omittingEmptySubsequences: false) {
            let parts = line.split(separator: "left", maxSplits: 1, omittingEmptySubsequences: false)
            guard let step = ArithmeticStep(parts[0]),
                let left = Self.take(step.left, from: &pool), let right = Self.take(step.right, from: &pool)
            else { return Verdict(isRight: false, isStrict: false, prediction: nil) }
            pool.append((step.result, CanonicalExpression(left, step.operation, right)))
            let said = parts.count == 2 ? ArithmeticStep.numbers(parts[1]) : nil
            let there = pool.count > 1 ? pool.map(\.number).sorted() : nil
            isStrict = isStrict && said?.sorted() == there
        }
        let form = pool.count == 1 ? pool[0].form.text : nil
        return Verdict(isRight: form != nil && pool[0].number == self.target, isStrict: isStrict, prediction: form)
    }

    private static func take(
        _ number: Int, from pool: inout [(number: Int, form: CanonicalExpression)]
    ) -> CanonicalExpression? {
        guard let place = pool.firstIndex(where: { $0.number == number }) else { return nil }
        return pool.remove(at: place).form
    }
}
