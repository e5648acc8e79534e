/// A numbered figure: its panels, or why it has none.
struct Figure: Sendable {
    struct Entry: Hashable, Sendable {
        var label: String
        var style: SeriesStyle
    }

    /// The place in the report; a figure keeps it when others are left out.
    var number: Int
    /// The name of its file, such as `entropy`.
    var name: String
    var title: String
    /// What is plotted and over what; without panels, why there are none.
    var caption: String
    var charts: [Chart]
    /// What the colours and dashes mean, where the lines do not say it.
    var legend: [Entry] = []

    var fileName: String { (self.number < 10 ? "0" : "") + "\(self.number)-\(self.name).svg" }

    /// The panels that have something to draw.
    var drawings: [ChartDrawing] { self.charts.compactMap { ChartDrawing($0) } }
}
