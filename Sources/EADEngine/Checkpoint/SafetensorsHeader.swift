import Foundation

/// The description at the front of a safetensors file: name, type, shape and place of each tensor.
///
/// A file is 8 bytes of header length (little-endian), the header as JSON, and the tensors one behind the other.
struct SafetensorsHeader: Hashable, Sendable {
    enum Element: String, Hashable, Sendable, Codable {
        case f32 = "F32"
        case bf16 = "BF16"

        var bytes: Int { self == .f32 ? 4 : 2 }
    }

    struct Tensor: Hashable, Sendable {
        let name: String
        let element: Element
        let shape: [Int]
        /// In bytes from the end of the header.
        let range: Range<Int>
    }

    /// In the order of their data.
    let tensors: [Tensor]

    /// Longer headers are refused; the format sets this limit.
    private static let longest = 100_000_000

    /// Tensors without gaps, in the order given.
    init(_ tensors: [(name: String, element: Element, shape: [Int])]) {
        var end = 0
        self.tensors = tensors.map { name, element, shape in
            precondition(
                !name.utf8.contains { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") },
                "tensor names need no escapes")
            let start = end
            end += shape.reduce(element.bytes, *)
            return Tensor(name: name, element: element, shape: shape, range: start..<end)
        }
    }

    /// Bytes of all tensors.
    var dataSize: Int { self.tensors.last?.range.upperBound ?? 0 }

    /// The length and the header, padded so that the data begin at a multiple of 64 bytes.
    var encoded: [UInt8] {
        var json = #"{"__metadata__":{"format":"pt"}"#
        for tensor in self.tensors {
            let shape = tensor.shape.map { String($0) }.joined(separator: ",")
            json += #","\#(tensor.name)":{"dtype":"\#(tensor.element.rawValue)","shape":[\#(shape)],"#
            json += #""data_offsets":[\#(tensor.range.lowerBound),\#(tensor.range.upperBound)]}"#
        }
        json += "}"
        var bytes = Array(json.utf8)
        bytes += [UInt8](repeating: UInt8(ascii: " "), count: (64 - (bytes.count + 8) % 64) % 64)
        return withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { Array($0) } + bytes
    }

    /// Reads the header, and checks that it describes the rest of the file without gaps and overlaps.
    init(_ reader: inout HashingFileReader, path: String) throws(CheckpointError) {
        guard reader.length >= 8 else { throw .damaged(path, "shorter than a safetensors file") }
        let prefix = try reader.read(8)
        let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(min(reader.length - 8, Self.longest)) else {
            throw .damaged(path, "announces a header of \(length) bytes")
        }
        let json = try reader.read(Int(length))
        do {
            let entries = try JSONDecoder().decode(Entries.self, from: Data(json)).tensors
            self.tensors = entries.sorted { $0.range.lowerBound < $1.range.lowerBound }
        } catch {
            throw .damaged(path, "its header is not a description of F32 and BF16 tensors (\(error))")
        }
        var end = 0
        for tensor in self.tensors {
            guard tensor.range.lowerBound == end, tensor.range.count == Self.size(tensor) else {
                throw .damaged(path, "tensor \(tensor.name) is not where or as large as its shape says")
            }
            end = tensor.range.upperBound
        }
        guard end == reader.length - 8 - Int(length) else {
            throw .damaged(path, "holds \(reader.length - 8 - Int(length)) bytes of tensors instead of \(end)")
        }
    }

    /// Bytes that the shape calls for; nil when no file can have so many.
    private static func size(_ tensor: Tensor) -> Int? {
        var size = tensor.element.bytes
        for dimension in tensor.shape {
            guard dimension >= 0, case (let product, false) = size.multipliedReportingOverflow(by: dimension) else {
                return nil
            }
            size = product
        }
        return size
    }

    private struct Entries: Decodable {
        private struct Entry: Decodable {
            let dtype: Element
            let shape: [Int]
            let data_offsets: [Int]
        }

        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        let tensors: [Tensor]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            self.tensors = try container.allKeys.filter { $0.stringValue != "__metadata__" }.map { key in
                let entry = try container.decode(Entry.self, forKey: key)
                guard entry.data_offsets.count == 2, entry.data_offsets[0] >= 0,
                    entry.data_offsets[0] <= entry.data_offsets[1]
                else {
                    throw DecodingError.dataCorruptedError(
                        forKey: key, in: container, debugDescription: "data_offsets are a start and an end")
                }
                return Tensor(
                    name: key.stringValue, element: entry.dtype, shape: entry.shape,
                    range: entry.data_offsets[0]..<entry.data_offsets[1])
            }
        }
    }
}
