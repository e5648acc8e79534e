/// What is drawn for one arm, step or position: a line, a band around it, and points.
struct Series: Hashable, Sendable {
    struct Point: Hashable, Sendable {
        var x: Double
        var y: Double
        /// What a pointer over it shows.
        var note = ""
    }

    struct Extent: Hashable, Sendable {
        var x: Double
        var low: Double
        var high: Double
    }

    /// Empty where there is nothing to tell apart.
    var label: String
    var style: SeriesStyle
    /// In order of x; a value that is not finite interrupts it.
    var line: [Point] = []
    var band: [Extent] = []
    var points: [Point] = []
    /// Whether the points are few, and drawn large.
    var pointsAreLarge = false

    /// Every finite value that is drawn.
    var values: [Double] {
        (self.line.map(\.y) + self.points.map(\.y) + self.band.flatMap { [$0.low, $0.high] }).filter(\.isFinite)
    }
}
