/// A page of figures and tables: it loads nothing and runs no script.
package struct ReportPage: Sendable {
    package let html: String
    /// The figures that have something to show, as SVG documents, with their file names.
    package let figures: [(file: String, svg: String)]
    /// What is left out and why, a sentence for each figure, and for each line of a log that cannot be read.
    package let omissions: [String]

    /// - Parameters:
    ///   - summary: What stands before the figures.
    ///   - appendix: What stands behind them.
    ///   - damagedLines: Places of logs that hold no record.
    init(
        title: String, subtitle: String, summary: Markup, figures: [Figure], appendix: Markup, damagedLines: [String]
    ) {
        let shown = figures.filter { !$0.drawings.isEmpty }
        self.figures = shown.map { ($0.fileName, FigureFile($0).svg) }
        self.omissions =
            figures.filter { $0.drawings.isEmpty }.map {
                "Figure \($0.number) (\($0.title.lowercased())): \($0.caption)"
            } + damagedLines.map { "\($0): damaged, and left out" }
        let page: Markup = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <title>\(title)</title>
            <style>
            \(StyleSheet.colours)
            \(StyleSheet.drawing)
            \(StyleSheet.page)
            \(StyleSheet.temperatures)
            </style>
            </head>
            <body>
            <h1>\(title)</h1>
            <p class="quiet">\(subtitle)</p>
            \(summary)
            \(Markup(figures.map(Self.section)))
            \(appendix)
            </body>
            </html>

            """
        self.html = page.source
    }

    private static func section(_ figure: Figure) -> Markup {
        let heading: Markup = "<h2>Figure \(figure.number). \(figure.title)</h2>\n"
        let drawings = zip(figure.charts, figure.charts.map { ChartDrawing($0) }).compactMap { chart, drawing in
            drawing.map { drawing -> Markup in
                """
                <svg viewBox="0 0 \(ChartDrawing.width) \(ChartDrawing.height)" role="img" aria-label="\(chart.title)">
                \(drawing.elements)</svg>

                """
            }
        }
        guard !drawings.isEmpty else { return "\(heading)<p>\(figure.caption)</p>\n" }
        return """
            \(heading)<figure><figcaption>\(figure.caption)</figcaption>
            \(Legend.list(figure.legend))<div class="panels">
            \(Markup(drawings))</div></figure>

            """
    }
}
