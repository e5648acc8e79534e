import Foundation

/// A model as Hugging Face lays it out: a directory with config.json, safetensors and whatever belongs to the tokenizer.
package struct HuggingFaceDirectory: Sendable {
    package let path: String
    /// The members of config.json.
    package let configuration: HuggingFaceConfiguration

    package static let configurationFile = "config.json"
    static let weightsFile = "model.safetensors"
    static let indexFile = "model.safetensors.index.json"

    /// Files of text are small; anything larger is something else.
    private static let largestText = 64 << 20

    /// - Throws: `ModelFileError` when the directory has no config.json, or one that is no JSON object.
    package init(path: String) throws(ModelFileError) {
        let file = try JSONFile(object: path + "/" + Self.configurationFile)
        self.path = path
        self.configuration = HuggingFaceConfiguration(path: file.path, value: file.value)
    }

    /// Whether a path leads to such a directory.
    package static func isOne(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/" + Self.configurationFile)
    }

    /// Where a file of the directory is.
    package func place(_ name: String) -> String { self.path + "/" + name }

    /// Whether the directory has a file of that name.
    package func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self.place(name)) }

    /// The bytes of a file of text.
    static func text(at path: String) throws(ModelFileError) -> Data {
        let file = try MappedFile(path: path)
        guard file.bytes.count <= Self.largestText else {
            throw ModelFileError(
                .implausible, file: path, "has \(file.bytes.count) bytes, more than a file of text",
                advice: "fetch the model again")
        }
        return Data(file.bytes)
    }
}
