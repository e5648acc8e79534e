import EADCore
import EADFiles
import EADObservation
import EADReport
import EADRuntime

/// The run directory and those beside it, read on a thread of its own.
actor RunShelf {
    private let executor = ThreadExecutor(name: "shelf")
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    /// Held-out problems that a report shows responses to.
    private static let samples = 4

    private let directory: String

    init(_ directory: String) { self.directory = directory }

    private var parent: String { FileTree.directory(of: self.directory) }

    /// The page that `ead-ctl report` makes of runs; without names, of this one.
    func report(of names: [String]) throws -> String {
        let paths = try names.isEmpty ? [self.directory] : names.map(self.path)
        return Report(try paths.map { try ReportedRun(directory: $0) }, samples: Self.samples).page.html
    }

    /// A page with the runs beside this one, of which some can be chosen to be compared.
    func list() throws -> String {
        let rows = try self.names().map { name -> Markup in
            let run = try? RunDigest(RunFiles(self.parent + "/" + name))
            let cells: [(String, String)] = [
                ("State", run?.state.rawValue ?? "cannot be read"),
                ("Steps", run.map { "\($0.stepsDone)/\($0.plannedSteps)" } ?? "-"),
                ("Seed", run.map { "\($0.seed)" } ?? "-"),
            ]
            return """
                <tr><td data-name="Run"><label><input type="checkbox" name="run" value="\(name)"> \(name)</label></td>\
                \(Markup(cells.map { "<td data-name=\"\($0.0)\">\($0.1)</td>" as Markup }))</tr>

                """
        }
        let page: Markup = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Runs</title><link rel="stylesheet" href="/style.css"></head>
            <body><header><h1>Runs</h1>
            <nav aria-label="Pages"><a href="/">Cluster</a> <a href="/run">Curves and samples</a> <a href="/runs" aria-current="page">Runs</a></nav></header>
            <main><form action="/report"><table><thead><tr><th>Run</th><th>State</th><th>Steps</th><th>Seed</th></tr></thead>
            <tbody>\(Markup(rows))</tbody></table><p><button>Compare</button></p></form></main></body></html>

            """
        return page.source
    }

    private func names() throws -> [String] {
        try FileTree.names(in: self.parent).filter { FileTree.exists(RunLayout(self.parent + "/" + $0).log) }.sorted()
    }

    /// Nothing but the directories beside this one can be named.
    private func path(of name: String) throws -> String {
        guard try self.names().contains(name) else { throw RoleFailure(.usage, "there is no run \(name)") }
        return self.parent + "/" + name
    }
}
