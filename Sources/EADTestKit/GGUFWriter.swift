import Foundation

/// Writes GGUF version 3 files.
struct GGUFWriter {
    enum Value {
        case uint32(Int)
        case float32(Float)
        case text(String)
        case texts([String])
        case int32s([Int32])
    }

    struct Tensor: Sendable {
        let name: String
        /// The contiguous dimension first.
        let dimensions: [Int]
        let type: UInt32
        let bytes: [UInt8]

        init(name: String, dimensions: [Int], contents: EncodedRow) {
            self.name = name
            self.dimensions = dimensions
            self.type = contents.type
            self.bytes = contents.bytes
        }
    }

    private static let alignment = 32
    private var metadata = Data()
    private var count: UInt64 = 0

    mutating func add(_ key: String, _ value: Value) {
        self.count += 1
        Self.append(key, to: &self.metadata)
        switch value {
        case .uint32(let number):
            Self.append(UInt32(4), to: &self.metadata)
            Self.append(UInt32(number), to: &self.metadata)
        case .float32(let number):
            Self.append(UInt32(6), to: &self.metadata)
            Self.append(number.bitPattern, to: &self.metadata)
        case .text(let text):
            Self.append(UInt32(8), to: &self.metadata)
            Self.append(text, to: &self.metadata)
        case .texts(let texts):
            Self.append(UInt32(9), to: &self.metadata)
            Self.append(UInt32(8), to: &self.metadata)
            Self.append(UInt64(texts.count), to: &self.metadata)
            for text in texts { Self.append(text, to: &self.metadata) }
        case .int32s(let numbers):
            Self.append(UInt32(9), to: &self.metadata)
            Self.append(UInt32(5), to: &self.metadata)
            Self.append(UInt64(numbers.count), to: &self.metadata)
            for number in numbers { Self.append(number, to: &self.metadata) }
        }
    }

    func encoded(tensors: [Tensor]) -> Data {
        var file = Data("GGUF".utf8)
        Self.append(UInt32(3), to: &file)
        Self.append(UInt64(tensors.count), to: &file)
        Self.append(self.count, to: &file)
        file += self.metadata
        var contents = Data()
        for tensor in tensors {
            Self.append(tensor.name, to: &file)
            Self.append(UInt32(tensor.dimensions.count), to: &file)
            for dimension in tensor.dimensions { Self.append(UInt64(dimension), to: &file) }
            Self.append(tensor.type, to: &file)
            Self.append(UInt64(contents.count), to: &file)
            contents += tensor.bytes
            Self.pad(&contents)
        }
        Self.pad(&file)
        return file + contents
    }

    private static func pad(_ data: inout Data) {
        data += Data(count: (self.alignment - data.count % self.alignment) % self.alignment)
    }

    private static func append(_ text: String, to data: inout Data) {
        self.append(UInt64(text.utf8.count), to: &data)
        data += Data(text.utf8)
    }

    private static func append(_ value: some FixedWidthInteger, to data: inout Data) {
        withUnsafeBytes(of: value.littleEndian) { data += Data($0) }
    }
}
