/// Typed access to the metadata of a GGUF file; a value of another kind than asked for is an error, never a default.
struct GGUFMetadata {
    let file: MappedFile
    let values: [String: GGUFValue]

    func fault(_ code: ModelFileError.Code, _ message: String, advice: String? = nil) -> ModelFileError {
        ModelFileError(
            code, file: self.file.path, message, advice: advice ?? "fetch the model again or use another conversion")
    }

    private func missing(_ key: String) -> ModelFileError { self.fault(.missingMetadata, "metadata \(key) is missing") }

    /// Nil when the key is absent.
    func integer(_ key: String, in range: ClosedRange<Int>) throws(ModelFileError) -> Int? {
        guard let value = self.values[key] else { return nil }
        guard let number = value.integer, range.contains(number) else {
            throw self.fault(
                .badMetadata,
                "metadata \(key) is not an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func requiredInteger(_ key: String, in range: ClosedRange<Int>) throws(ModelFileError) -> Int {
        guard let number = try self.integer(key, in: range) else { throw self.missing(key) }
        return number
    }

    /// A finite number above zero; nil when the key is absent.
    func positive(_ key: String) throws(ModelFileError) -> Float? {
        guard let value = self.values[key] else { return nil }
        guard case .float(let number) = value, Float(number).isFinite, Float(number) > 0 else {
            throw self.fault(.badMetadata, "metadata \(key) is not a finite number above zero")
        }
        return Float(number)
    }

    func requiredPositive(_ key: String) throws(ModelFileError) -> Float {
        guard let number = try self.positive(key) else { throw self.missing(key) }
        return number
    }

    /// Nil when the key is absent.
    func text(_ key: String) throws(ModelFileError) -> String? {
        guard let value = self.values[key] else { return nil }
        guard case .text(let text) = value else {
            throw self.fault(.badMetadata, "metadata \(key) is not a string")
        }
        return text
    }

    func requiredText(_ key: String) throws(ModelFileError) -> String {
        guard let text = try self.text(key) else { throw self.missing(key) }
        return text
    }

    /// Nil when the key is absent.
    func flag(_ key: String) throws(ModelFileError) -> Bool? {
        guard let value = self.values[key] else { return nil }
        guard case .flag(let flag) = value else {
            throw self.fault(.badMetadata, "metadata \(key) is neither true nor false")
        }
        return flag
    }

    /// The length of an array; nil when the key is absent.
    func arrayCount(_ key: String) throws(ModelFileError) -> Int? {
        guard let value = self.values[key] else { return nil }
        guard case .array(let array) = value else {
            throw self.fault(.badMetadata, "metadata \(key) is not an array")
        }
        return array.count
    }

    private func array(_ key: String, of type: GGUFValueType) throws(ModelFileError) -> GGUFArray {
        guard let value = self.values[key] else { throw self.missing(key) }
        guard case .array(let array) = value, array.elementType == type else {
            throw self.fault(.badMetadata, "metadata \(key) is not an array of \(type)")
        }
        return array
    }

    /// Calls `body` with the index and bytes of each string of an array, without copying them.
    func forEachString(
        _ key: String, _ body: (Int, UnsafeRawBufferPointer) throws(ModelFileError) -> Void
    ) throws(ModelFileError) {
        let array = try self.array(key, of: .string)
        var cursor = GGUFCursor(self.file, at: array.bytes.lowerBound)
        for index in 0..<array.count {
            let range = try cursor.readStringRange("string \(index) of \(key)")
            try body(index, UnsafeRawBufferPointer(rebasing: self.file.bytes[range]))
        }
    }

    func floats(_ key: String) throws(ModelFileError) -> [Float] {
        let array = try self.array(key, of: .float32)
        return (0..<array.count).map { index in
            self.file.bytes.loadUnaligned(fromByteOffset: array.bytes.lowerBound + 4 * index, as: Float.self)
        }
    }

    func integers(_ key: String) throws(ModelFileError) -> [Int32] {
        let array = try self.array(key, of: .int32)
        return (0..<array.count).map { index in
            self.file.bytes.loadUnaligned(fromByteOffset: array.bytes.lowerBound + 4 * index, as: Int32.self)
        }
    }
}
