import EADConfiguration
import EADCore
import EADEngine
import EADEnvironments
import EADFiles
import EADMessages
package import EADModels
import EADRuntime
import EADTelemetry

/// A model to be written for other programs: the one a checkpoint holds, or a model file as it is.
package struct ModelExporter: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        /// A directory that transformers loads.
        case hf
        /// A file that llama.cpp loads.
        case gguf
    }

    private let model: ModelFile
    private let checkpoint: Checkpoint?
    private let run: RunDirectory?

    /// - Parameters:
    ///   - source: A checkpoint, or a run, whose newest is meant; nil for the model file's own weights.
    ///   - path: The model file the run began with; nil for the one that the run names, or the checkpoint itself.
    /// - Throws: `RoleFailure`, `CheckpointError` or `ModelFileError`.
    package init(source: String?, model path: String?) throws {
        guard let source else {
            guard let path else {
                throw RoleFailure(.usage, "name a CHECKPOINT or a run, or a model with --model")
            }
            self.model = try ModelFile(path: path)
            self.checkpoint = nil
            self.run = nil
            return
        }
        let (run, place): (RunDirectory?, String)
        if FileTree.exists(CheckpointLayout(source).state) {
            (run, place) = (RunDirectory(ofCheckpoint: source), source)
        } else {
            let directory = try RunDirectory(source)
            (run, place) = (directory, try directory.newestCheckpoint())
        }
        let checkpoint = try Checkpoint(path: place)
        // A checkpoint that is a model's directory is its own model.
        let own =
            HuggingFaceDirectory.isOne(checkpoint.path) ? checkpoint.path : nil
        guard let named = path ?? run?.configuration.model.path ?? own else {
            throw RoleFailure(
                .usage, "\(source) lies in no run; name the model file that the run began with (--model)")
        }
        self.model = try ModelFile(path: named)
        self.checkpoint = checkpoint
        self.run = run
    }

    /// What the model is called in a format where nobody says: after its run and step, or its file.
    package func name(for format: Format) -> String {
        let path = self.checkpoint?.path ?? self.model.path
        let parts = path.split(separator: "/").filter { $0 != "checkpoints" }
        let name = parts.suffix(self.checkpoint == nil ? 1 : 2).joined(separator: "-")
        let stem = name.hasSuffix(".gguf") ? String(name.dropLast(5)) : name
        return format == .hf ? "\(stem)-hf" : "\(stem).gguf"
    }

    /// Writes the model; the place must be free.
    ///
    /// - Returns: What was written, for a person.
    /// - Throws: `ModelFileError` for what has no form in the format, `CheckpointError` for what cannot be read or written.
    package func write(_ format: Format, type: ExportType, to destination: String) throws -> String {
        let layout = self.model.layout
        let parameters = UnsafeMutableBufferPointer<Float>.allocate(capacity: layout.count)
        defer { parameters.deallocate() }
        if let checkpoint = self.checkpoint {
            try checkpoint.readParameters(layout, into: parameters)
        } else {
            try self.model.readParameters(into: parameters)
        }
        let read = UnsafeBufferPointer(parameters)
        switch format {
        case .hf:
            try ModelExport.writeDirectory(self.model, read, type: type, card: self.card(type), to: destination)
        case .gguf: try ModelExport.writeGGUF(self.model, read, type: type, to: destination)
        }
        let what = self.checkpoint.map { "\($0.path), \($0.state.step)" } ?? self.model.path
        return "wrote \(what) in \(type.rawValue) to \(destination)"
    }

    /// README.md of the directory.
    private func card(_ type: ExportType) -> String {
        let base = self.model.name.isEmpty ? "an unnamed model" : self.model.name
        var text = "# \(base)\n\n"
        if let state = self.checkpoint?.state {
            text += """
                Trained with EAD (Exploratory Annealed Decoding) from \(base).

                | | |
                |---|---|
                | run | \(state.run) |
                | steps | \(state.step.rawValue) |
                | updates of the optimizer | \(state.updates) |
                | hash of the settings | \(state.configurationHash) |
                | weights | \(type.rawValue) |

                """
            text += self.results(upTo: state.step) + self.settings
        } else {
            text += "The weights of \(base) in \(type.rawValue), written by EAD.\n"
        }
        return text
    }

    /// What evaluations of the run measured up to a step.
    private func results(upTo step: GlobalStep) -> String {
        let log = self.run.flatMap { try? RunLog.read(path: RunLayout($0.path).log) }
        let records = log?.records.filter { $0.kind == .evaluation && $0.step <= step } ?? []
        guard !records.isEmpty else { return "" }
        let names = Set(records.flatMap(\.values.keys)).sorted()
        let rows = records.map { record in
            let cells = names.map { name in
                record.values[name].map { $0.text(decimals: 4) } ?? ""
            }
            return "| \(record.step.rawValue) | \(cells.joined(separator: " | ")) |\n"
        }
        return "\n## Results on held-out problems\n\n| step | \(names.map(\.name).joined(separator: " | ")) |\n"
            + "|---\(String(repeating: "|---", count: names.count))|\n" + rows.joined()
    }

    /// The data and the settings of the run.
    private var settings: String {
        guard let configuration = self.run?.configuration else { return "" }
        var text = "\n## Data and settings\n\n"
        if let task = try? TaskSource.load(configuration.task, baseDirectory: "") {
            let hash = SharedContent("problems", task.forEachDefiningPart).hash.hexadecimal
            text +=
                "\(task.training.count) problems were trained on and \(task.heldOut.count) held out; "
                + "SHA-256 of problems, answers and split: \(hash).\n\n"
        }
        // Without addresses and paths of the hosts.
        return text + "```\n\(configuration.sharedLines)\n```\n"
    }
}
