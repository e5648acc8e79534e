import EADCore

/// The fields of an envelope that mean the same in every wire version: 1 version, 3 sender, 5 number.
///
/// Read by hand so that the body, whose definition may differ in another version, is only stepped over.
struct EnvelopeHeader: Hashable {
    /// 0 when the field is absent.
    private(set) var wireVersion: UInt32 = 0
    /// Nil when the field is absent or not a node name.
    private(set) var sender: NodeID?
    /// 0 when the field is absent.
    private(set) var number: UInt64 = 0

    /// Scans the top-level fields; nil when the bytes are not protobuf fields from beginning to end.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var cursor = Cursor(rest: bytes[...])
        while !cursor.rest.isEmpty {
            guard let tag = cursor.varint(), tag >> 3 != 0, tag <= UInt64(UInt32.max) else { return nil }
            switch (tag >> 3, tag & 7) {
            case (1, 0):
                guard let value = cursor.varint() else { return nil }
                self.wireVersion = UInt32(truncatingIfNeeded: value)
            case (3, 2):
                guard let count = cursor.varint(), let value = cursor.take(count) else { return nil }
                self.sender = Self.name(value)
            case (5, 0):
                guard let value = cursor.varint() else { return nil }
                self.number = value
            case (1, _), (3, _), (5, _):
                return nil
            case (_, 0):
                guard cursor.varint() != nil else { return nil }
            case (_, 1):
                guard cursor.take(8) != nil else { return nil }
            case (_, 2):
                guard let count = cursor.varint(), cursor.take(count) != nil else { return nil }
            case (_, 5):
                guard cursor.take(4) != nil else { return nil }
            default:
                return nil
            }
        }
    }

    private static func name(_ bytes: Slice<UnsafeRawBufferPointer>) -> NodeID? {
        guard NodeID.lengths.contains(bytes.count), let text = String(validating: bytes, as: UTF8.self),
            text.isPrintableName
        else { return nil }
        return NodeID(text)
    }

    private struct Cursor {
        var rest: Slice<UnsafeRawBufferPointer>

        mutating func varint() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 70, by: 7) {
                guard let byte = self.rest.popFirst() else { return nil }
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
            }
            return nil
        }

        mutating func take(_ count: UInt64) -> Slice<UnsafeRawBufferPointer>? {
            guard count <= UInt64(self.rest.count) else { return nil }
            let taken = self.rest.prefix(Int(count))
            self.rest = self.rest.dropFirst(Int(count))
            return taken
        }
    }
}

extension NodeID {
    /// Bytes of a name: it is also the ZeroMQ routing id, which has at most 255.
    static let lengths = 1...255
}

extension String {
    /// Whether no character is a control character, so that the text can stand in a log line or a C string.
    var isPrintableName: Bool { self.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
}
