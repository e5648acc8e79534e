import EADCore

/// The description at the front of a safetensors file: name, type, shape and place of each tensor.
///
/// A file is 8 bytes of header length (little-endian), the header as JSON, and the tensors one behind the other.
package struct SafetensorsHeader: Hashable, Sendable {
    /// The types of elements that weights are read in.
    package enum Element: String, Hashable, Sendable, CaseIterable {
        case f32 = "F32"
        case f16 = "F16"
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
        let code: ModelFileError.Code
        let tensor: String?
        package let message: String

        init(_ code: ModelFileError.Code, tensor: String? = nil, _ message: String) {
            self.code = code
            self.tensor = tensor
            self.message = message
        }
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
            throw Fault(.implausible, "announces a header of \(length) bytes")
        }
        return Int(length)
    }

    /// Reads a header, and checks that it describes the rest of the file without gaps and overlaps.
    ///
    /// - Parameter dataSize: Bytes of the file behind the header.
    package init(json: [UInt8], dataSize: Int) throws(Fault) {
        let header: JSONValue
        do throws(JSONReader.Fault) { header = try JSONReader.value(of: json) } catch {
            throw Fault(.malformed, "its header is no JSON: byte \(error.offset + 1): \(error.message)")
        }
        guard case .object(let members) = header else { throw Fault(.malformed, "its header is no JSON object") }
        var tensors: [Tensor] = []
        for member in members where member.key != "__metadata__" {
            tensors.append(try Self.tensor(member.key, member.value))
        }
        self.tensors = tensors.sorted { ($0.range.lowerBound, $0.range.count) < ($1.range.lowerBound, $1.range.count) }
        var end = 0
        for tensor in self.tensors {
            guard tensor.range.lowerBound == end, tensor.range.count == Self.size(tensor) else {
                throw Fault(
                    .misplacedTensor, tensor: tensor.name,
                    "tensor \(tensor.name) is not where or as large as its shape says")
            }
            end = tensor.range.upperBound
        }
        guard end == dataSize else {
            throw Fault(
                end > dataSize ? .truncated : .malformed, "holds \(dataSize) bytes of tensors instead of \(end)")
        }
    }

    private static func tensor(_ name: String, _ value: JSONValue) throws(Fault) -> Tensor {
        func fault(_ code: ModelFileError.Code, _ message: String) -> Fault {
            Fault(code, tensor: name, "tensor \(name) \(message)")
        }
        guard let type = value["dtype"]?.text, case .list(let dimensions)? = value["shape"],
            case .list(let offsets)? = value["data_offsets"]
        else { throw fault(.malformed, "is described without dtype, shape and data_offsets") }
        guard let element = Element(rawValue: type) else {
            let known = Element.allCases.map(\.rawValue).joined(separator: ", ")
            throw fault(.unsupportedTensorType, "is stored as \(type), and only \(known) are read")
        }
        func integers(_ values: [JSONValue]) -> [Int]? {
            let numbers = values.compactMap(\.integer)
            return numbers.count == values.count ? numbers : nil
        }
        guard let shape = integers(dimensions) else { throw fault(.malformed, "has a shape of other than integers") }
        guard let places = integers(offsets), places.count == 2, places[0] >= 0, places[0] <= places[1] else {
            throw fault(.malformed, "has data_offsets that are not a start and an end")
        }
        return Tensor(name: name, element: element, shape: shape, range: places[0]..<places[1])
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
}

extension ParameterLayout.Entry {
    /// The dimensions of the tensor in Hugging Face's files.
    package var huggingFaceShape: [Int] { self.isVector ? [self.columns] : [self.rows, self.columns] }
}
