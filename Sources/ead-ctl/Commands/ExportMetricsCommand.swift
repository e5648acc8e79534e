import ArgumentParser
import EADCore
import EADFiles
import EADOperations
import EADRuntime

/// `ead-ctl export-metrics`
struct ExportMetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export-metrics", abstract: "Writes the figures of a run for other programs.",
        discussion: """
            A row per step and evaluation; of a step that was trained again, the last. With --to tensorboard, --output is a \
            directory for its events. scripts/export-run hands figures to wandb, trackio and MLflow.
            """)

    @Argument(help: "A run directory, such as runs/quickstart.", completion: .directory)
    var directory: String

    @Option(name: .long, help: "csv, jsonl or tensorboard.")
    var to: MetricsExport.Format

    @Option(name: .shortAndLong, help: "Where it goes (default: standard output).")
    var output: String?

    func validate() throws {
        if self.to == .tensorboard, self.output == nil {
            throw ValidationError("--to tensorboard needs --output DIRECTORY")
        }
    }

    func run() {
        do {
            let export = try MetricsExport(self.directory)
            switch (self.to, self.output) {
            case (.tensorboard, let place): try export.writeEvents(to: place ?? "")
            case (_, let place?):
                let text = self.to == .csv ? export.csv : export.jsonl
                try DurableFile.replace(place, with: Array(text.utf8).span.bytes)
            case (_, nil): print(self.to == .csv ? export.csv : export.jsonl, terminator: "")
            }
        } catch {
            RoleRunner.fail(error)
        }
    }
}

extension MetricsExport.Format: ExpressibleByArgument {}
