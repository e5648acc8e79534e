import Foundation

/// The description at the front of a safetensors file: name, type, shape and place of each tensor.
///
/// A file is 8 bytes of header length (little-endian), the header as JSON, and the tensors one behind the other.
package struct SafetensorsHeader: Hashable, Sendable {
    /// The types of elements that weights are read in.
    package enum Element: String, Hashable, Sendable, Codable {
        case f32 = "F32"
        case bf16 = "BF16"

        var bytes: Int { self == .f32 ? 4 : 2 }
    }

    package struct Tensor: Hashable, Sendable {
        package let name: String
        package let element: Element
        package let shape: [Int]
        /// In bytes from the end of the header.
        package let range: Range<Int>
    }

    /// In the order of their data.
    package let tensors: [Tensor]

    /// Bytes of the number in front that says how long the header is.
    package static let prefix = 8
    /// Longer headers are refused; the format sets this limit.
    private static let longest = 100_000_000

    /// Why a file's header cannot be used, as what is to be said of the file.
    package struct Fault: Error, Hashable, Sendable {
        package let message: String
    }

    /// All parameters of a model, in the order of the flat array, under their Hugging Face names.
    ///
    /// - Parameter prefixes: One for each time that the tensors are there.
    package init(_ layout: ParameterLayout, _ element: Element, prefixes: [String] = [""]) {
        self.init(
            prefixes.flatMap { prefix in
                layout.entries.map { (prefix + $0.name, element, $0.huggingFaceShape) }
            })
    }

    /// Tensors without gaps, in the order given.
    private init(_ tensors: [(name: String, element: Element, shape: [Int])]) {
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
    package var dataSize: Int { self.tensors.last?.range.upperBound ?? 0 }

    /// The length and the header, padded so that the data begin at a multiple of 64 bytes.
    package var encoded: [UInt8] {
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

    /// How long the header is, from the number in front of it.
    ///
    /// - Parameter fileLength: Bytes of the whole file.
    package static func length(prefix: [UInt8], fileLength: Int) throws(Fault) -> Int {
        precondition(prefix.count == Self.prefix && fileLength >= Self.prefix, "the file has the number")
        let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(min(fileLength - Self.prefix, Self.longest)) else {
            throw Fault(message: "announces a header of \(length) bytes")
        }
        return Int(length)
    }

    /// Reads a header, and checks that it describes the rest of the file without gaps and overlaps.
    ///
    /// - Parameter dataSize: Bytes of the file behind the header.
    package init(json: [UInt8], dataSize: Int) throws(Fault) {
        do {
            let entries = try JSONDecoder().decode(Entries.self, from: Data(json)).tensors
            self.tensors = entries.sorted { $0.range.lowerBound < $1.range.lowerBound }
        } catch {
            throw Fault(message: "its header is not a description of F32 and BF16 tensors (\(error))")
        }
        var end = 0
        for tensor in self.tensors {
            guard tensor.range.lowerBound == end, tensor.range.count == Self.size(tensor) else {
                throw Fault(message: "tensor \(tensor.name) is not where or as large as its shape says")
            }
            end = tensor.range.upperBound
        }
        guard end == dataSize else {
            throw Fault(message: "holds \(dataSize) bytes of tensors instead of \(end)")
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

extension ParameterLayout.Entry {
    /// The dimensions of the tensor in Hugging Face's files.
    package var huggingFaceShape: [Int] { self.isVector ? [self.columns] : [self.rows, self.columns] }
}
