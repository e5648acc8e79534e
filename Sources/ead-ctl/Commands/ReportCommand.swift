import ArgumentParser
import EADCore
import EADFiles
import EADObservation
import EADOperations
import EADReport
import EADRuntime
import Foundation

/// `ead-ctl report`
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes one HTML page about one or several runs: figures, tables, samples before and after.",
        discussion: """
            A run is its directory; it may still be going on. Runs with the same schedule and algorithm form an arm, \
            drawn as one line with a band over its seeds. Fine-tunings have a page with their losses. The page needs no \
            network and no script.
            """)

    @Argument(help: "Run directories, such as runs/quickstart.", completion: .directory)
    var runs: [String]

    @Option(name: .shortAndLong, help: "The page to write.", completion: .file())
    var output: String = "report.html"

    @Option(name: .long, help: "Also write each figure as an SVG file into this directory.", completion: .directory)
    var figures: String?

    @Option(name: .long, help: "Held-out problems to show responses to, per arm; 0 keeps data-set texts out.")
    var samples: Int = 6

    func run() {
        do { try self.report() } catch { RoleRunner.fail(error) }
    }

    private func report() throws {
        guard self.samples >= 0 else { throw RoleFailure(.usage, "--samples must be at least 0") }
        let paths = self.runs.map { URL(filePath: $0).standardizedFileURL.path }
        if let twice = paths.indices.first(where: { paths[..<$0].contains(paths[$0]) }) {
            throw RoleFailure(.usage, "\(self.runs[twice]) is named twice")
        }
        let report = try self.page
        try Self.write(report.html, to: self.output)
        Terminal.standard.show("wrote \(self.output)")
        if let figures = self.figures {
            try FileTree.createDirectory(figures, access: .everyone)
            for figure in report.figures { try Self.write(figure.svg, to: figures + "/" + figure.file) }
            Terminal.standard.show("wrote \(report.figures.count) figures to \(figures)")
        }
        for omission in report.omissions { Terminal.standard.show(omission) }
    }

    /// About runs, or about fine-tunings.
    private var page: ReportPage {
        get throws {
            let fineTunings = self.runs.filter { ReportedFineTuning.isOne($0) }
            guard !fineTunings.isEmpty else {
                return Report(try self.runs.map { try ReportedRun(directory: $0) }, samples: self.samples).page
            }
            guard fineTunings.count == self.runs.count else {
                throw RoleFailure(
                    .usage,
                    "\(fineTunings[0]) is a fine-tuning, which a page about runs has no place for: make one of its own")
            }
            return FineTuningReport(try self.runs.map { try ReportedFineTuning(directory: $0) }).page
        }
    }

    private static func write(_ text: String, to path: String) throws(FileError) {
        try DurableFile.replace(path, with: Array(text.utf8).span.bytes)
    }
}
