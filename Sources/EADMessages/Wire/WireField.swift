import CEADMessages
import EADCore

/// Reads single fields of the C structures, and says which one is wrong.
enum WireField {
    /// Counters stay below 2^53: sums of a few cannot overflow, and they are exact in JSON.
    static let counters: ClosedRange<UInt64> = 0...(1 << 53 - 1)

    /// A step, version, epoch, message number, or amount.
    static func counter(
        _ value: UInt64, _ field: String, in range: ClosedRange<UInt64> = Self.counters
    ) throws(DecodeError) -> UInt64 {
        guard range.contains(value) else { throw DecodeError(.outOfRange(found: value, expected: range), at: field) }
        return value
    }

    /// An index or a small count; below 2^31.
    static func count(_ value: UInt32, _ field: String, atLeast minimum: UInt32 = 0) throws(DecodeError) -> UInt32 {
        UInt32(try self.counter(UInt64(value), field, in: UInt64(minimum)...UInt64(Int32.max)))
    }

    static func counts(
        _ values: UnsafeMutablePointer<UInt32>?, count: Int, _ field: String
    ) throws(DecodeError) -> [UInt32] {
        let numbers = Array(UnsafeBufferPointer(start: values, count: count))
        for (index, number) in numbers.enumerated() where number > UInt32(Int32.max) {
            _ = try self.count(number, "\(field)[\(index)]")
        }
        return numbers
    }

    static func texts(
        _ values: UnsafeMutablePointer<ProtobufCBinaryData>?, count: Int, _ field: String
    ) throws(DecodeError) -> [String] {
        var texts: [String] = []
        for (index, value) in UnsafeBufferPointer(start: values, count: count).enumerated() {
            texts.append(try value.text("\(field)[\(index)]"))
        }
        return texts
    }

    static func finite<T: BinaryFloatingPoint>(_ value: T, _ field: String) throws(DecodeError) -> T {
        guard value.isFinite else { throw DecodeError(.notFinite, at: field) }
        return value
    }

    /// An enumeration whose Swift raw values are the numbers of its protobuf counterpart.
    static func known<E: RawRepresentable<UInt32>>(_ number: UInt32, _ field: String) throws(DecodeError) -> E {
        guard let value = E(rawValue: number) else { throw DecodeError(.unknownValue(number), at: field) }
        return value
    }
}

extension ProtobufCBinaryData {
    private var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: self.data, count: self.len) }

    /// Exactly `length` bytes.
    func bytes(_ length: Int, _ field: String) throws(DecodeError) -> [UInt8] {
        guard self.len == length else {
            throw DecodeError(.wrongLength(found: self.len, expected: length...length), at: field)
        }
        return Array(self.buffer)
    }

    /// UTF-8 of any length; every character is allowed, as text may be what a model wrote.
    func text(_ field: String) throws(DecodeError) -> String {
        guard let text = String(validating: self.buffer, as: UTF8.self) else {
            throw DecodeError(.invalidText, at: field)
        }
        return text
    }

    /// Text of at most 255 bytes without control characters.
    func name(_ field: String) throws(DecodeError) -> String {
        let text = try self.text(field)
        guard self.len <= 255, text.isPrintableName else { throw DecodeError(.invalidText, at: field) }
        return text
    }

    func node(_ field: String) throws(DecodeError) -> NodeID {
        guard NodeID.lengths.contains(self.len) else { throw DecodeError(.invalidText, at: field) }
        return NodeID(try self.name(field))
    }

    func run(_ field: String) throws(DecodeError) -> RunID {
        guard let run = RunID(bytes: self.buffer) else {
            throw DecodeError(.wrongLength(found: self.len, expected: 16...16), at: field)
        }
        return run
    }
}
