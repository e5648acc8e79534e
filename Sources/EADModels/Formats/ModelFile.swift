package import EADCore
import Foundation

/// A language model on disk, memory-mapped: a GGUF version 3 file, or a directory as Hugging Face lays it out.
///
/// It must be of one of the families (`Family.all`), with weights in one of the encodings of `TensorEncoding`.
///
/// Opening checks the whole structure: what the file says of the model, and the presence, type, shape and place of every
/// tensor. Weights are only touched by `readParameters`. Truncating a file while it is open ends the process with
/// SIGBUS, as with every mapping; replace model files by rename.
package struct ModelFile: Sendable {
    package let path: String
    package let shape: ModelShape
    /// The order in which `readParameters` delivers the weights.
    package let layout: ParameterLayout
    /// What the file calls the model, or else the name of the directory; empty when neither is there.
    package let name: String

    /// Where a model comes from, with all that is not weights: tokenizer, chat template, settings.
    enum Origin: Sendable {
        case gguf(GGUFMetadata)
        case directory(HuggingFaceDirectory)
    }
    let origin: Origin
    /// Where the parameters are, one for each entry of the layout.
    let tensors: [StoredTensor]

    /// - Parameter path: A GGUF file, or a directory with config.json and safetensors, such as a checkpoint.
    /// - Throws: `ModelFileError` for anything that makes the model unusable.
    package init(path: String) throws(ModelFileError) {
        self.path = path
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            let directory = try HuggingFaceDirectory(path: path)
            self.origin = .directory(directory)
            self.name = URL(fileURLWithPath: path).lastPathComponent
            self.shape = try ModelShape(directory.configuration)
            self.layout = ParameterLayout(self.shape)
            self.tensors = try directory.tensors(of: self.layout)
        } else {
            let file = try MappedFile(path: path)
            let header = try GGUFHeader(file)
            let metadata = GGUFMetadata(file: file, values: header.metadata)
            self.origin = .gguf(metadata)
            self.name = try metadata.text("general.name") ?? ""
            self.shape = try ModelShape(metadata, header)
            self.layout = ParameterLayout(self.shape)
            self.tensors = try header.tensors(of: self.layout, path: path)
        }
    }

    /// A model that has no weights yet: a directory with config.json and a tokenizer, whose weights are drawn at random.
    ///
    /// Weights that are in the directory all the same are not looked at.
    /// - Throws: `ModelFileError` for what makes the model unusable.
    package init(withoutWeights path: String) throws(ModelFileError) {
        let directory = try HuggingFaceDirectory(path: path)
        self.path = path
        self.origin = .directory(directory)
        self.name = URL(fileURLWithPath: path).lastPathComponent
        self.shape = try ModelShape(directory.configuration)
        self.layout = ParameterLayout(self.shape)
        self.tensors = []
    }

    /// The standard deviation of initial weights that config.json gives; nil where it gives none.
    package var initializerRange: Double? {
        get throws(ModelFileError) {
            guard case .directory(let directory) = self.origin else { return nil }
            return try directory.configuration.positive("initializer_range").map { Double($0) }
        }
    }
}
