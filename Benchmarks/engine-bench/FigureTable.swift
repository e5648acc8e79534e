import Foundation

/// Named figures, printed as they come: the median of the repetitions, their range, and the share of the machine's
/// limit.
struct FigureTable {
    struct Figure: Codable {
        var name: String
        var median: Double
        var minimum: Double
        var maximum: Double
        var unit: String
        /// The figure at the machine's limit, and which resource sets it; nil where none is meant.
        var limit: Double?
        var bound: String?
        /// Speed as a share of the limit's.
        var fraction: Double?
    }

    private let only: String?
    private(set) var figures: [Figure] = []

    init(only: String?) { self.only = only }

    func wants(_ name: String) -> Bool { self.only.map { name.contains($0) } ?? true }

    /// Adds repetitions of one measurement.
    ///
    /// - Parameter limit: The value at the machine's limit. A unit of seconds means that less is faster.
    mutating func add(_ name: String, _ values: [Double], _ unit: String, limit: Double? = nil, bound: String? = nil) {
        let sorted = values.sorted()
        guard let least = sorted.first, let most = sorted.last else { return }
        let middle = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        let figure = Figure(
            name: name, median: middle, minimum: least, maximum: most, unit: unit, limit: limit, bound: bound,
            fraction: limit.map { unit == "s" ? $0 / middle : middle / $0 })
        self.figures.append(figure)
        print(Self.line(figure))
        // A long table should be seen growing, also through a pipe.
        fflush(nil)
    }

    private static func line(_ figure: Figure) -> String {
        func number(_ value: Double) -> String { String(format: value >= 100 ? "%.0f" : "%.2f", value) }
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        var line = figure.name.padding(toLength: 50, withPad: " ", startingAt: 0) + right(number(figure.median), 8)
        line += " " + figure.unit.padding(toLength: 9, withPad: " ", startingAt: 0)
        let range = figure.minimum == figure.maximum ? "" : "\(number(figure.minimum)) - \(number(figure.maximum))"
        line += right(range, 15)
        if let fraction = figure.fraction, let bound = figure.bound {
            line += right(String(format: "%.0f %%", fraction * 100), 7) + " of \(bound)"
        }
        return line
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(self.figures)
    }
}
