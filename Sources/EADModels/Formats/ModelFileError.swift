/// A model file that cannot be used: what is wrong, where in the file, and what to do about it.
package struct ModelFileError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// The file cannot be opened or mapped.
        case unreadable
        /// The first bytes are not those of a GGUF file.
        case notGGUF
        case unsupportedVersion
        /// The file ends before what it announces.
        case truncated
        /// A count, length or number that cannot be true of this file.
        case implausible
        /// Text that is not UTF-8, or a name that occurs twice.
        case malformed
        case missingMetadata
        /// A metadata value of another kind or outside the range that a model can have.
        case badMetadata
        /// A model, tokenizer or chat template of a kind that this engine does not implement.
        case unsupported
        case unsupportedTensorType
        /// Tensor data outside the file, misaligned, or on top of another tensor.
        case misplacedTensor
        case missingTensor
        /// A tensor that the architecture, as implemented, has no use for.
        case unexpectedTensor
        case wrongShape
        /// A weight that is infinite or not a number.
        case nonFiniteWeight
    }

    package var code: Code
    package var file: String
    package var tensor: String?
    /// The encoding of the tensor, as GGUF names it.
    package var type: String?
    /// Bytes from the start of the file.
    package var offset: Int?
    package var message: String
    package var advice: String

    init(
        _ code: Code, file: String, tensor: String? = nil, type: String? = nil, offset: Int? = nil, _ message: String,
        advice: String
    ) {
        self.code = code
        self.file = file
        self.tensor = tensor
        self.type = type
        self.offset = offset
        self.message = message
        self.advice = advice
    }

    package var description: String {
        var place = self.file
        if let tensor { place += ", tensor \(tensor)" }
        if let type { place += " (\(type))" }
        if let offset { place += ", byte \(offset)" }
        return "\(place): \(self.message); \(self.advice)"
    }
}
