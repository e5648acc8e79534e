import EADCore

/// Typed access to config.json; a value of another kind than asked for is an error, never a default.
package struct HuggingFaceConfiguration: Sendable {
    let path: String
    /// An object.
    let value: JSONValue

    func fault(_ code: ModelFileError.Code, _ message: String, advice: String? = nil) -> ModelFileError {
        ModelFileError(
            code, file: self.path, message, advice: advice ?? "use a model that transformers loads, or correct the file"
        )
    }

    var members: [JSONValue.Member] { self.value.members }

    /// Nil when the key is absent or null.
    subscript(key: String) -> JSONValue? {
        guard let value = self.value[key], value != .null else { return nil }
        return value
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(ModelFileError) -> Int? {
        guard let value = self[key] else { return nil }
        guard let number = value.wholeNumber, range.contains(number) else {
            throw self.fault(
                .badMetadata,
                "\(key) is \(value.summary), not an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func requiredInteger(_ key: String, in range: ClosedRange<Int>) throws(ModelFileError) -> Int {
        guard let number = try self.integer(key, in: range) else {
            throw self.fault(.missingMetadata, "\(key) is missing")
        }
        return number
    }

    /// A finite number above zero; nil when the key is absent or null.
    func positive(_ key: String) throws(ModelFileError) -> Float? {
        guard let value = self[key] else { return nil }
        guard let number = value.real.map({ Float($0) }), number.isFinite, number > 0 else {
            throw self.fault(.badMetadata, "\(key) is \(value.summary), not a finite number above zero")
        }
        return number
    }

    func flag(_ key: String) throws(ModelFileError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard case .flag(let flag) = value else {
            throw self.fault(.badMetadata, "\(key) is \(value.summary), neither true nor false")
        }
        return flag
    }

    func text(_ key: String) throws(ModelFileError) -> String? {
        guard let value = self[key] else { return nil }
        guard case .text(let text) = value else {
            throw self.fault(.badMetadata, "\(key) is \(value.summary), not a string")
        }
        return text
    }

    /// The members of an object as a configuration of their own; nil when the key is absent or null.
    func object(_ key: String) throws(ModelFileError) -> HuggingFaceConfiguration? {
        guard let value = self[key] else { return nil }
        guard case .object = value else {
            throw self.fault(.badMetadata, "\(key) is \(value.summary), not an object")
        }
        return HuggingFaceConfiguration(path: self.path, value: value)
    }
}
