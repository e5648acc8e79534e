import EADConfiguration
import EADCore
import EADEngine
import EADFiles
package import EADModels

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
        guard let named = path ?? run?.configuration.model.path else {
            throw RoleFailure(
                .usage, "\(source) lies in no run; name the model file that the run began with (--model)")
        }
        self.model = try ModelFile(path: named)
        self.checkpoint = checkpoint
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
        } else {
            text += "The weights of \(base) in \(type.rawValue), written by EAD.\n"
        }
        return text
    }
}
