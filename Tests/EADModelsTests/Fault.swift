import EADModels
import Foundation
import Testing

/// A way to damage a file, and what the reader must say about it.
struct Fault: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let code: ModelFileError.Code
    let tensor: String?
    let damage: @Sendable (inout [UInt8]) -> Void

    init(
        _ name: String, _ code: ModelFileError.Code, tensor: String? = nil,
        _ damage: @escaping @Sendable (inout [UInt8]) -> Void
    ) {
        self.testDescription = name
        self.code = code
        self.tensor = tensor
        self.damage = damage
    }
}

extension [UInt8] {
    mutating func replace(_ offset: Int, with value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { bytes in
            self.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        }
    }

    mutating func replace(_ offset: Int, with bytes: [UInt8]) {
        self.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }

    /// The offset behind the first occurrence of a text.
    func after(_ text: String) -> Int {
        guard let range = Data(self).range(of: Data(text.utf8)) else { preconditionFailure("\(text) is in the file") }
        return range.upperBound
    }

    func lastStart(of text: String) -> Int {
        guard let range = Data(self).range(of: Data(text.utf8), options: .backwards) else {
            preconditionFailure("\(text) is in the file")
        }
        return range.lowerBound
    }
}
