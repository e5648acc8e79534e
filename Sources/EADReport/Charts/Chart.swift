/// One panel of a figure: series over a common horizontal axis.
struct Chart: Hashable, Sendable {
    /// What is plotted, in words.
    var title: String
    /// Of the vertical axis, such as `%`; may be empty.
    var unit = ""
    var xTitle = "step"
    var xRange: ClosedRange<Double>
    /// What values can be, such as 0 to 100 %.
    var bounds: ClosedRange<Double>?
    /// The vertical axis shows at least so much.
    var minimumSpan = 0.0
    /// The values the vertical axis covers besides the panel's own, so that panels can be compared.
    var alsoCovers: [Double] = []
    var series: [Series]
    var labels = Labels.none

    /// Where the series of a panel are named.
    enum Labels: Hashable, Sendable {
        /// Nowhere: there is one, or the figure has a legend.
        case none
        /// Right of the plot, each led to the end of its line.
        case atEnds
        /// Right of the plot, one below the other, for lines that end in one place.
        case listed
    }

    /// The smallest and largest finite value drawn; nil when there is none.
    var yRange: ClosedRange<Double>? {
        let values = self.series.flatMap(\.values) + self.alsoCovers
        guard let low = values.min(), let high = values.max() else { return nil }
        return low...high
    }

    /// The width that labels at line ends may take, in font sizes.
    static let widestEndLabel = 8.5
}
