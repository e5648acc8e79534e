import ArgumentParser
package import EADModels
package import EADOperations
import EADRuntime

/// `ead-ctl export`
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes the weights of a checkpoint for transformers or llama.cpp.",
        discussion: """
            With --format hf a directory with config.json, model.safetensors, tokenizer and chat template; with --format \
            gguf one file. Either can be the model.path of another run. docs/models.md says which models.
            """)

    @Option(
        name: .long,
        help: "A checkpoint, such as runs/NAME/checkpoints/step-000040, or a run, of which the newest is written.",
        completion: .directory)
    var checkpoint: String?

    @Option(
        name: .long,
        help: """
            The model file or directory that the run began with (default: the one the run names). Without --checkpoint \
            its own weights are written.
            """)
    var model: String?

    @Option(name: .long, help: "Where to write; must not be there yet.", completion: .file())
    var to: String

    @Option(name: .long, help: "hf or gguf.")
    var format: ModelExporter.Format

    @Option(name: .long, help: "How matrices are stored: bf16, f16, f32, or q8_0 with --format gguf.")
    var type: ExportType = .bf16

    func validate() throws {
        if self.format == .hf, self.type == .q8_0 {
            throw ValidationError("--type q8_0 needs --format gguf: safetensors have no such type")
        }
    }

    func run() {
        do {
            let exporter = try ModelExporter(source: self.checkpoint, model: self.model)
            Terminal.standard.show(try exporter.write(self.format, type: self.type, to: self.to))
        } catch { RoleRunner.fail(error) }
    }
}

extension ModelExporter.Format: ExpressibleByArgument {}
extension ExportType: ExpressibleByArgument {}
