package import EADCore
package import EADSampling

/// From a number to another by given moves, each as often as one likes, in no more steps than are allowed.
///
///     prompt      7 -> 30 in 4: +5 -3 *2
///     response    7+5=12
///                 12+5=17 ...
///
/// The difficulty is the length of the shortest way; two steps more are allowed.
package struct NumberPath: Puzzle {
    package static let difficulties = 2...12
    /// Steps more than the shortest way has.
    private static let slack = 2
    /// Of problems and of the steps of demonstrations.
    private static let numbers = 1...99

    struct Move: Hashable, Sendable {
        let operation: ArithmeticStep.Operation
        let operand: Int

        var text: String { "\(self.operation.rawValue)\(self.operand)" }
    }

    let start: Int
    let target: Int
    let steps: Int
    let moves: [Move]

    package init?(_ statement: String) {
        let sides = statement.split(separator: ":", omittingEmptySubsequences: false)
        guard sides.count == 2, let match = sides[0].wholeMatch(of: /(.+) -> (.+) in (.+)/),
            let start = ArithmeticStep.number(match.output.1), let target = ArithmeticStep.number(match.output.2),
            let steps = ArithmeticStep.number(match.output.3)
        else { return nil }
        let words = sides[1].split(separator: " ")
        let moves = words.compactMap { word -> Move? in
            guard let operation = ArithmeticStep.Operation(rawValue: String(word.prefix(1))),
                let operand = ArithmeticStep.number(word.dropFirst())
            else { return nil }
            return Move(operation: operation, operand: operand)
        }
        guard !moves.isEmpty, moves.count == words.count else { return nil }
        self.init(start: start, target: target, steps: steps, moves: moves)
    }

    private init(start: Int, target: Int, steps: Int, moves: [Move]) {
        self.start = start
        self.target = target
        self.steps = steps
        self.moves = moves
    }

    package static func random(difficulty: Int, _ generator: inout PhiloxGenerator) -> NumberPath? {
        let moves = [
            Move(operation: .sum, operand: generator.number(in: 2...9)),
            Move(operation: .difference, operand: generator.number(in: 2...9)),
            Move(operation: .product, operand: generator.number(in: 2...4)),
        ]
        let target = generator.number(in: Self.numbers)
        let distances = Self.distances(to: target, moves)
        let starts = Self.numbers.filter { distances[$0] == difficulty }
        return generator.element(of: starts).map {
            NumberPath(start: $0, target: target, steps: difficulty + Self.slack, moves: moves)
        }
    }

    package var statement: String {
        "\(self.start) -> \(self.target) in \(self.steps): \(self.moves.map(\.text).joined(separator: " "))"
    }

    package var family: String { self.statement }

    // MARK: Demonstrations

    private static func step(from number: Int, _ move: Move) -> ArithmeticStep? {
        ArithmeticStep(number, move.operation, move.operand).flatMap { Self.numbers.contains($0.result) ? $0 : nil }
    }

    /// For each number the least steps to the target, nil where no way leads there.
    private static func distances(to target: Int, _ moves: [Move]) -> [Int?] {
        var distances = [Int?](repeating: nil, count: Self.numbers.upperBound + 1)
        distances[target] = 0
        var length = 0
        var grows = true
        while grows {
            grows = false
            for number in Self.numbers where distances[number] == nil {
                let leads = moves.contains { move in
                    Self.step(from: number, move).map { distances[$0.result] == length } ?? false
                }
                // Not yet: this number must not serve others of its own length.
                if leads { distances[number] = -1 }
            }
            length += 1
            for number in Self.numbers where distances[number] == -1 {
                distances[number] = length
                grows = true
            }
        }
        return distances
    }

    package func demonstration(quality: Double, _ generator: inout PhiloxGenerator) -> String? {
        let distances = Self.distances(to: self.target, self.moves)
        var number = self.start
        var lines: [String] = []
        while number != self.target, lines.count < self.steps {
            let steps = self.moves.compactMap { Self.step(from: number, $0) }
            guard var step = generator.element(of: steps) else { break }
            if generator.uniform() < quality {
                let shortest = steps.compactMap { distances[$0.result] }.min()
                let best = generator.element(of: steps.filter { shortest != nil && distances[$0.result] == shortest })
                if best == nil, quality == 1 { return nil }
                step = best ?? step
            }
            lines.append("\(step)")
            number = step.result
        }
        return number == self.target || quality < 1 ? lines.joined(separator: "\n") : nil
    }

    // MARK: Verdicts

    package func verdict(on response: String) -> Verdict {
        var number = self.start
        var way: [String] = []
        for line in response.withoutOuterSpace.split(separator: "\n", omittingEmptySubsequences: false) {
            guard let step = ArithmeticStep(line), step.left == number,
                case let move = Move(operation: step.operation, operand: step.right), self.moves.contains(move)
            else { return Verdict(isRight: false, isStrict: false, prediction: nil) }
            way.append(move.text)
            number = step.result
        }
        return Verdict(
            isRight: number == self.target && (1...self.steps).contains(way.count), isStrict: true,
            prediction: way.joined(separator: " "))
    }
}
