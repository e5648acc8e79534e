import EADCore
import EADFiles
package import EADModels

/// Writes a model for other programs: a directory of Hugging Face, or a GGUF file.
package enum ModelExport {
    /// Writes a directory that appears whole or not at all.
    ///
    /// - Parameters:
    ///   - parameters: In the order of the model's layout.
    ///   - card: The text of README.md, which describes the model.
    ///   - path: Must not be there yet.
    package static func writeDirectory(
        _ model: ModelFile, _ parameters: UnsafeBufferPointer<Float>, type: ExportType, card: String, to path: String
    ) throws {
        precondition(parameters.count == model.layout.count, "there is one element per parameter")
        let companions = try model.companions(type)
        let weights = try model.safetensors(type)
        try Self.requireNew(path)
        let temporary = path + ".tmp"
        try CheckpointError.writing { () throws(FileError) in
            try FileTree.createNewDirectory(temporary, access: .everyone)
        }
        do {
            for file in companions { try Self.write(file.contents, to: temporary + "/" + file.name) }
            try Self.write(Array(card.utf8), to: temporary + "/README.md")
            try Self.write(weights, parameters, to: temporary + "/model.safetensors")
            try CheckpointError.writing { () throws(FileError) in
                try FileTree.flushNames(in: temporary)
                try FileTree.rename(temporary, to: path)
            }
        } catch {
            // The first failure is the one to report.
            try? FileTree.delete(temporary)
            throw error
        }
    }

    /// Writes a file that appears whole or not at all.
    ///
    /// - Parameter path: Must not be there yet.
    package static func writeGGUF(
        _ model: ModelFile, _ parameters: UnsafeBufferPointer<Float>, type: ExportType, to path: String
    ) throws {
        precondition(parameters.count == model.layout.count, "there is one element per parameter")
        let writing = try model.gguf(type)
        try Self.requireNew(path)
        let temporary = path + ".tmp"
        do {
            try Self.write(writing, parameters, to: temporary)
            try CheckpointError.writing { () throws(FileError) in try FileTree.rename(temporary, to: path) }
        } catch {
            // The first failure is the one to report.
            try? FileTree.delete(temporary)
            throw error
        }
    }

    private static func requireNew(_ path: String) throws(CheckpointError) {
        guard !FileTree.exists(path) else {
            throw CheckpointError(
                .unwritable, path, "it is there already", advice: "name a place that is not there yet")
        }
    }

    private static func write(_ contents: [UInt8], to path: String) throws(CheckpointError) {
        var writer = try HashingFileWriter(path: path)
        try writer.write(contents)
        _ = try writer.finish()
    }

    private static func write(
        _ writing: ModelWriting, _ parameters: UnsafeBufferPointer<Float>, to path: String
    ) throws(CheckpointError) {
        var writer = try HashingFileWriter(path: path)
        try writing.forEachPiece(of: parameters) { (piece) throws(CheckpointError) in try writer.write(piece) }
        _ = try writer.finish()
    }
}
