/// A report of runs: one HTML page that needs nothing else, and its figures as files of their own.
package struct Report: Sendable {
    /// The page; it loads nothing and runs no script.
    package let html: String
    /// The figures that have something to show, as SVG documents, with their file names.
    package let figures: [(file: String, svg: String)]
    /// What is left out and why, a sentence for each figure, and for each line of a log that cannot be read.
    package let omissions: [String]

    /// - Parameter samples: Problems to show responses of, per arm; 0 leaves data-set texts out of the page.
    package init(_ runs: [ReportedRun], samples: Int) {
        precondition(!runs.isEmpty, "a report needs a run")
        let arms = Arm.group(runs)
        let maker = FigureMaker(arms)
        let figures = maker.figures
        let shown = figures.filter { !$0.drawings.isEmpty }
        self.figures = shown.map { ($0.fileName, FigureFile($0).svg) }
        self.omissions =
            figures.filter { $0.drawings.isEmpty }.map {
                "Figure \($0.number) (\($0.title.lowercased())): \($0.caption)"
            } + runs.flatMap(\.damagedLines).map { "\($0): damaged, and left out" }
        let title = runs.count == 1 ? "Run \(runs[0].name)" : "\(runs.count) runs, \(arms.count) arms"
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
            <p class="quiet">\(Self.subtitle(runs))</p>
            \(ArmTable(arms, samples: maker.samplesCounted).markup)\(RunList(arms).markup)
            \(Markup(figures.map(Self.section)))
            \(SampleComparison(arms, count: samples).markup)
            \(RolloutSamples(arms, count: samples).markup)
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

    /// What the runs have in common, from their settings.
    private static func subtitle(_ runs: [ReportedRun]) -> String {
        func common(_ path: String) -> String? {
            let values = Set(runs.map { $0.settings[path] })
            return values.count == 1 ? values.first ?? nil : nil
        }
        let parts = [
            common("task.kind").map { "task \($0)" },
            common("training.prompts_per_step").flatMap { prompts in
                common("training.samples_per_prompt").map { "\(prompts) prompts x \($0) responses per step" }
            },
            common("training.learning_rate").map { "learning rate \($0)" },
            common("sampling.max_tokens").map { "at most \($0) tokens per response" },
            common("model.precision"),
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }
}
