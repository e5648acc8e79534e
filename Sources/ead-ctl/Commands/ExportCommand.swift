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
            With --to hf a directory with config.json, model.safetensors, tokenizer and chat template; with --to gguf one \
            file. Either can be the model.path of another run. docs/models.md says which models.
            """)

    @Argument(
        help: "A checkpoint, such as runs/NAME/checkpoints/step-000040, or a run, of which the newest is written.",
        completion: .directory)
    var checkpoint: String?

    @Option(name: .long, help: "For transformers (hf) or llama.cpp (gguf).")
    var to: ModelExporter.Format

    @Option(
        name: .shortAndLong, help: "Where to write; must not be there yet (default: by the name of the checkpoint).",
        completion: .file())
    var output: String?

    @Option(
        name: .long,
        help: """
            The model file or directory that the run began with (default: the one the run names). Without a checkpoint \
            its own weights are written.
            """)
    var model: String?

    @Option(name: .long, help: "How matrices are stored: bf16, f16, f32, or q8_0 with --to gguf.")
    var type: ExportType = .bf16

    /// What the format was called when --to said where.
    @Option(name: .long, help: .hidden)
    var format: String?

    func validate() throws {
        if let format = self.format {
            throw ValidationError("--format is called --to: say --to \(format) --output \(self.output ?? "PATH")")
        }
        guard self.checkpoint != nil || self.model != nil else {
            throw ValidationError("say which CHECKPOINT or run to write, or --model for a model as it is")
        }
        if self.to == .hf, self.type == .q8_0 {
            throw ValidationError("--type q8_0 needs --to gguf: safetensors have no such type")
        }
    }

    func run() {
        do {
            let exporter = try ModelExporter(source: self.checkpoint, model: self.model)
            let output = self.output ?? exporter.name(for: self.to)
            Terminal.standard.show(try exporter.write(self.to, type: self.type, to: output))
        } catch { RoleRunner.fail(error) }
    }
}

extension ModelExporter.Format: ExpressibleByArgument {}
extension ExportType: ExpressibleByArgument {}
