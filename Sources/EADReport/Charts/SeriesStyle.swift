/// How a series looks: its colour and its dashes, as classes of the style sheet.
enum SeriesStyle: Hashable, Sendable {
    /// One of several unordered things: a colour for the schedule, dashes for the algorithm.
    case category(colour: Int, dashes: Int)
    /// The place of an ordered thing between the first (0) and the last (1).
    case ramp(Double)
    /// A line to compare with.
    case reference

    static let colours = 6
    static let dashes = 4
    static let rampColours = 6

    /// The same colour, drawn through.
    var withoutDashes: SeriesStyle {
        if case .category(let colour, _) = self { .category(colour: colour, dashes: 0) } else { self }
    }

    var classes: String {
        switch self {
        case .category(let colour, let dashes): "c\(colour % Self.colours) d\(dashes % Self.dashes)"
        case .ramp(let place): "r\(Int((place * Double(Self.rampColours - 1)).rounded()))"
        case .reference: "reference"
        }
    }
}
