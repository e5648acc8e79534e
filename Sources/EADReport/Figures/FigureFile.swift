/// A figure as an SVG document of its own: the legend, then the panels, two in a row.
struct FigureFile {
    let svg: String

    init(_ figure: Figure) {
        let drawings = figure.drawings
        let columns = min(2, drawings.count)
        let (margin, gap) = (16.0, 28.0)
        let width = margin * 2 + Double(columns) * ChartDrawing.width + Double(columns - 1) * gap
        var body: Markup = ""
        var top = margin
        if !figure.legend.isEmpty {
            let rows = Self.legend(figure.legend, width: width - 2 * margin)
            for row in rows.elements { body += "<g transform=\"translate(\(margin) \(top))\">\(row)</g>\n" }
            top += Double(rows.height) * 18 + 12
        }
        for (index, drawing) in drawings.enumerated() {
            let x = margin + Double(index % columns) * (ChartDrawing.width + gap)
            let y = top + Double(index / columns) * (ChartDrawing.height + gap)
            body += "<g transform=\"translate(\(x) \(y))\">\n\(drawing.elements)</g>\n"
        }
        let rows = (drawings.count + columns - 1) / max(columns, 1)
        let height = top + Double(rows) * (ChartDrawing.height + gap) - gap + margin
        let document: Markup = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
            height="\(height)" role="img" aria-labelledby="title caption">
            <title id="title">\(figure.title)</title>
            <desc id="caption">\(figure.caption)</desc>
            <style>
            \(StyleSheet.colours)
            \(StyleSheet.drawing)
            </style>
            <rect class="paper" width="100%" height="100%"/>
            \(body)</svg>

            """
        self.svg = document.source
    }

    /// The entries in as many rows as they need.
    private static func legend(_ entries: [Figure.Entry], width: Double) -> (elements: [Markup], height: Int) {
        var elements: [Markup] = []
        var (x, row) = (0.0, 0)
        for entry in entries {
            let needed = 30 + TextWidth.ems(entry.label) * 12 + 18
            if x > 0, x + needed > width { (x, row) = (0, row + 1) }
            let y = Double(row) * 18
            elements.append(
                """
                <g class="\(entry.style.classes)"><path class="line" d="M\(x) \(y + 7)h24"/></g>\
                <text class="key" x="\(x + 30)" y="\(y + 11)">\(entry.label)</text>
                """)
            x += needed
        }
        return (elements, row + 1)
    }
}
