/// A chart as SVG elements, `width` x `height` units from (0, 0).
struct ChartDrawing {
    static let width = 400.0
    static let height = 250.0
    private static let font = 11.0

    private let chart: Chart
    private let x: Axis
    private let y: Axis
    /// The plot's area.
    private let left: Double
    private let right: Double
    private let top = 30.0
    private let bottom: Double = ChartDrawing.height - 36

    /// Nil when no value can be drawn.
    init?(_ chart: Chart) {
        guard let range = chart.yRange else { return nil }
        self.chart = chart
        self.x = Axis(steps: chart.xRange, ticks: 5)
        self.y = Axis(values: range, bounds: chart.bounds, minimumSpan: chart.minimumSpan, ticks: 4)
        let axis = self.y
        self.left = (axis.ticks.map { TextWidth.ems(axis.label($0)) }.max() ?? 0) * Self.font + 8
        let labels = chart.labels != .none ? chart.series.map { TextWidth.ems($0.label) }.max() ?? 0 : 0
        let horizontal = self.x
        let lastTick = (horizontal.ticks.last.map { TextWidth.ems(horizontal.label($0)) } ?? 0) * Self.font / 2
        let margin = labels > 0 ? labels * Self.font + (chart.labels == .listed ? 34 : 18) : 8
        self.right = Self.width - max(margin, lastTick)
    }

    var elements: Markup {
        var drawing: Markup = "\(self.heading)\(self.grid)"
        for series in self.chart.series {
            drawing += "<g class=\"\(series.style.classes)\">\(self.band(series))\(self.line(series))</g>\n"
        }
        for series in self.chart.series where !series.points.isEmpty {
            drawing += "<g class=\"\(series.style.classes)\">\(self.points(series))</g>\n"
        }
        switch self.chart.labels {
        case .none: return drawing
        case .atEnds: return "\(drawing)\(self.endLabels)\n"
        case .listed: return "\(drawing)\(self.listedLabels)\n"
        }
    }

    private var heading: Markup {
        let scale = self.y.isLogarithmic ? "logarithmic" : ""
        let remark = [self.chart.unit, scale].filter { !$0.isEmpty }.joined(separator: ", ")
        let unit: Markup = remark.isEmpty ? "" : "<tspan class=\"unit\" dx=\"6\">\(remark)</tspan>"
        return "<text class=\"title\" x=\"0\" y=\"14\">\(self.chart.title)\(unit)</text>\n"
    }

    private var grid: Markup {
        var drawing: Markup = ""
        for tick in self.y.ticks {
            let height = self.height(tick)
            drawing += "<path class=\"grid\" d=\"M\(self.left) \(height)H\(self.right)\"/>"
            drawing += "<text class=\"end\" x=\"\(self.left - 6)\" y=\"\(height + 3.8)\">\(self.y.label(tick))</text>\n"
        }
        drawing += "<path class=\"axis\" d=\"M\(self.left) \(self.bottom)H\(self.right)\"/>\n"
        for tick in self.x.ticks {
            let place = self.place(tick)
            drawing += "<path class=\"axis\" d=\"M\(place) \(self.bottom)v4\"/>"
            drawing += "<text class=\"middle\" x=\"\(place)\" y=\"\(self.bottom + 15)\">\(self.x.label(tick))</text>\n"
        }
        let middle = (self.left + self.right) / 2
        drawing += "<text class=\"middle unit\" x=\"\(middle)\" y=\"\(self.bottom + 30)\">\(self.chart.xTitle)</text>\n"
        return drawing
    }

    private func band(_ series: Series) -> Markup {
        Markup(series.band.split { !($0.low.isFinite && $0.high.isFinite) }.map { self.band(Array($0)) })
    }

    /// An area without gaps.
    private func band(_ extents: [Series.Extent]) -> Markup {
        if extents.count == 1, let only = extents.first {
            // An area over one place would have no width.
            return
                "<path class=\"span\" d=\"M\(self.place(only.x)) \(self.height(only.low))V\(self.height(only.high))\"/>"
        }
        let upper = extents.map { "\(self.place($0.x)) \(self.height($0.high))" as Markup }
        let lower = extents.reversed().map { "\(self.place($0.x)) \(self.height($0.low))" as Markup }
        return "<path class=\"band\" d=\"M\(Markup(upper + lower, separator: "L"))Z\"/>"
    }

    private func line(_ series: Series) -> Markup {
        let pieces = series.line.split { !$0.y.isFinite }.filter { $0.count > 1 }.map { piece in
            "M\(Markup(piece.map { "\(self.place($0.x)) \(self.height($0.y))" }, separator: "L"))" as Markup
        }
        return pieces.isEmpty ? "" : "<path class=\"line\" d=\"\(Markup(pieces))\"/>"
    }

    private func points(_ series: Series) -> Markup {
        let points = series.points.filter(\.y.isFinite)
        guard series.pointsAreLarge else {
            // Lines without length have round ends: one element for all.
            let dots = points.map { "M\(self.place($0.x)) \(self.height($0.y))h0" as Markup }
            return "<path class=\"dots\" d=\"\(Markup(dots))\"/>"
        }
        let radius = self.chart.series.reduce(0) { $0 + $1.points.count } > 100 ? 1.8 : 2.6
        return Markup(
            points.map { point in
                """
                <circle class="point" cx="\(self.place(point.x))" cy="\(self.height(point.y))" r="\(radius)">\
                <title>\(point.note)</title></circle>
                """
            }, separator: "\n")
    }

    private var listedLabels: Markup {
        Markup(
            self.chart.series.enumerated().map { index, series in
                let place = self.top + 6 + Double(index) * (Self.font + 4)
                return """
                    <g class="\(series.style.classes)"><path class="line" d="M\(self.right + 10) \(place)h16"/></g>\
                    <text x="\(self.right + 31)" y="\(place + 3.8)">\(series.label)</text>
                    """
            }, separator: "\n")
    }

    private var endLabels: Markup {
        let ends = self.chart.series.compactMap { series in
            (series.line.last { $0.y.isFinite } ?? series.points.last { $0.y.isFinite }).map { (series, $0) }
        }.filter { !$0.0.label.isEmpty }
        let places = LabelPlacement.spread(
            ends.map { self.height($0.1.y) }, gap: Self.font + 2, within: self.top...self.bottom)
        return Markup(
            zip(ends, places).map { end, place in
                let (series, point) = end
                let start = max(self.place(point.x), self.left)
                return """
                    <g class="\(series.style.classes)"><path class="leader" d="M\(start + 4) \(self.height(point.y))\
                    L\(self.right + 10) \(place)"/></g>\
                    <text x="\(self.right + 13)" y="\(place + 3.8)">\(series.label)</text>
                    """
            }, separator: "\n")
    }

    private func place(_ value: Double) -> Double { self.left + self.x.position(of: value) * (self.right - self.left) }

    private func height(_ value: Double) -> Double {
        self.bottom - self.y.position(of: value) * (self.bottom - self.top)
    }
}
