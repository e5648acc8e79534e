package import EADCore

/// A language model in a memory-mapped GGUF version 3 file.
///
/// It must be of one of the families (`Family.all`), with weights in F32, F16, BF16, Q8_0 or Q4_1.
///
/// Opening checks the whole structure: metadata, and the presence, type, shape and place of every tensor. Weights are
/// only touched by `readParameters`. Truncating the file while it is open ends the process with SIGBUS, as with every
/// mapping; replace model files by rename.
package struct ModelFile: Sendable {
    package let path: String
    package let shape: ModelShape
    /// The order in which `readParameters` delivers the weights.
    package let layout: ParameterLayout
    /// `general.name`, empty when the file does not say.
    package let name: String

    let file: MappedFile
    let header: GGUFHeader

    /// - Throws: `ModelFileError` for anything that makes the file unusable.
    package init(path: String) throws(ModelFileError) {
        let file = try MappedFile(path: path)
        let header = try GGUFHeader(file)
        let metadata = GGUFMetadata(file: file, values: header.metadata)
        self.path = path
        self.file = file
        self.header = header
        self.name = try metadata.text("general.name") ?? ""
        self.shape = try ModelShape(metadata, header)
        self.layout = ParameterLayout(self.shape)
        try self.checkTensors()
    }

    var metadata: GGUFMetadata { GGUFMetadata(file: self.file, values: self.header.metadata) }
}
