import EADCore

/// A JSON file of a model's directory, with errors that name it.
struct JSONFile {
    let path: String
    let value: JSONValue

    init(path: String) throws(ModelFileError) {
        self.path = path
        let file = try MappedFile(path: path)
        // The mapping lives as long as the file.
        defer { withExtendedLifetime(file) {} }
        do throws(JSONReader.Fault) {
            self.value = try JSONReader.value(of: file.bytes)
        } catch {
            throw ModelFileError(
                .malformed, file: path, offset: error.offset, "is not valid JSON: \(error.message)",
                advice: "fetch the model again")
        }
    }

    /// A file that holds an object.
    init(object path: String) throws(ModelFileError) {
        try self.init(path: path)
        guard case .object = self.value else { throw self.malformed("is not a JSON object") }
    }

    func malformed(_ message: String) -> ModelFileError {
        ModelFileError(.malformed, file: self.path, message, advice: "fetch the model again")
    }

    func unsupported(_ message: String) -> ModelFileError {
        ModelFileError(
            .unsupported, file: self.path, message,
            advice: "use a model with a tokenizer like that of GPT-2, SmolLM2, Llama 3 or Qwen")
    }
}
