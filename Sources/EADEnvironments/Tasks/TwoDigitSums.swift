/// The task `add2`: all sums a + b with a and b in 10...99, after three solved lines.
enum TwoDigitSums {
    private static let examples = [(23, 45), (61, 17), (38, 54)]

    /// 8100 problems; a + b and b + a are one family.
    static func problems() -> [TaskSource.Item] {
        let shots = self.examples.map { "\($0) + \($1) = \($0 + $1)\n" }.joined()
        return (10...99).flatMap { first in
            (10...99).map { second in
                TaskSource.Item(
                    line: (first - 10) * 90 + second - 9, family: self.family(first, second),
                    prompt: "\(shots)\(first) + \(second) =",
                    answer: "\(first + second)")
            }
        }
    }

    /// Whether the prompt already shows this sum; it is then never held out.
    static func isExample(_ item: TaskSource.Item) -> Bool {
        self.examples.contains { self.family($0, $1) == item.family }
    }

    private static func family(_ first: Int, _ second: Int) -> String { "\(min(first, second)) \(max(first, second))" }
}
