import Foundation

/// Named figures, printed as they come.
struct FigureTable {
    struct Figure: Codable {
        var name: String
        var value: Double
        var unit: String
    }

    private let only: String?
    private(set) var figures: [Figure] = []

    init(only: String?) { self.only = only }

    func wants(_ name: String) -> Bool { self.only.map { name.contains($0) } ?? true }

    mutating func add(_ name: String, _ value: Double, _ unit: String) {
        self.figures.append(Figure(name: name, value: value, unit: unit))
        let label = name.padding(toLength: 52, withPad: " ", startingAt: 0)
        let digits = value >= 100 ? 0 : 2
        print("\(label)\(String(format: "%10.\(digits)f", value)) \(unit)")
        // A long table should be seen growing, also through a pipe.
        fflush(nil)
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(self.figures)
    }
}
