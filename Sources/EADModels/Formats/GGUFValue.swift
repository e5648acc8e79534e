/// One metadata value of a GGUF file.
enum GGUFValue {
    case unsigned(UInt64)
    case signed(Int64)
    case float(Double)
    case flag(Bool)
    case text(String)
    case array(GGUFArray)

    /// A non-negative integer, whatever its width in the file.
    var integer: Int? {
        switch self {
        case .unsigned(let value): Int(exactly: value)
        case .signed(let value): value >= 0 ? Int(exactly: value) : nil
        case .float, .flag, .text, .array: nil
        }
    }
}

/// An array of metadata, left in the file until it is asked for: vocabularies have hundreds of thousands of entries.
struct GGUFArray {
    let elementType: GGUFValueType
    let count: Int
    /// Where the elements are in the file.
    let bytes: Range<Int>
}

/// The type codes of metadata values.
enum GGUFValueType: UInt32 {
    case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

    /// The fewest bytes that one value takes.
    var minimumSize: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .string, .uint64, .int64, .float64: 8
        case .array: 12
        }
    }
}

extension GGUFCursor {
    mutating func readValueType(_ what: @autoclosure () -> String) throws(ModelFileError) -> GGUFValueType {
        let start = self.offset
        let code = try self.read(UInt32.self, "the type of \(what())")
        guard let type = GGUFValueType(rawValue: code) else {
            throw ModelFileError(
                .implausible, file: self.file.path, offset: start, "\(what()) has the unknown type \(code)",
                advice: Self.damaged)
        }
        return type
    }

    mutating func readValue(
        _ type: GGUFValueType, _ what: @autoclosure () -> String
    ) throws(ModelFileError) -> GGUFValue {
        switch type {
        case .uint8: .unsigned(UInt64(try self.read(UInt8.self, what())))
        case .uint16: .unsigned(UInt64(try self.read(UInt16.self, what())))
        case .uint32: .unsigned(UInt64(try self.read(UInt32.self, what())))
        case .uint64: .unsigned(try self.read(UInt64.self, what()))
        case .int8: .signed(Int64(try self.read(Int8.self, what())))
        case .int16: .signed(Int64(try self.read(Int16.self, what())))
        case .int32: .signed(Int64(try self.read(Int32.self, what())))
        case .int64: .signed(try self.read(Int64.self, what()))
        case .float32: .float(Double(try self.read(Float.self, what())))
        case .float64: .float(try self.read(Double.self, what()))
        case .bool: .flag(try self.readFlag(what()))
        case .string: .text(try self.readString(what()))
        case .array: .array(try self.readArray(what()))
        }
    }

    private mutating func readFlag(_ what: @autoclosure () -> String) throws(ModelFileError) -> Bool {
        let start = self.offset
        let byte = try self.read(UInt8.self, what())
        guard byte <= 1 else {
            throw ModelFileError(
                .implausible, file: self.file.path, offset: start, "\(what()) is \(byte), neither false nor true",
                advice: Self.damaged)
        }
        return byte == 1
    }

    private mutating func readArray(_ what: @autoclosure () -> String) throws(ModelFileError) -> GGUFArray {
        let start = self.offset
        let type = try self.readValueType("the elements of \(what())")
        guard type != .array else {
            throw ModelFileError(
                .unsupported, file: self.file.path, offset: start, "\(what()) is an array of arrays",
                advice: "no Llama model needs one: fetch another file")
        }
        let count = try self.readCount(unit: type.minimumSize, "the length of \(what())")
        let first = self.offset
        if type == .string {
            for index in 0..<count { _ = try self.readStringRange("string \(index) of \(what())") }
        } else {
            // `readCount` has checked that this many bytes are there.
            try self.skip(count * type.minimumSize, what())
        }
        return GGUFArray(elementType: type, count: count, bytes: first..<self.offset)
    }
}
