/// Fields of a protobuf message in the order they are added: as many kinds as TensorBoard's events need.
struct ProtobufFields {
    private(set) var bytes: [UInt8] = []

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(rest))
    }

    private mutating func key(_ field: Int, _ wireType: UInt64) { self.varint(UInt64(field) << 3 | wireType) }

    mutating func add(_ field: Int, _ value: UInt64) {
        self.key(field, 0)
        self.varint(value)
    }

    mutating func add(_ field: Int, _ value: Double) {
        self.key(field, 1)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { self.bytes += $0 }
    }

    mutating func add(_ field: Int, _ value: Float) {
        self.key(field, 5)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { self.bytes += $0 }
    }

    mutating func add(_ field: Int, _ text: String) { self.add(field, Array(text.utf8)) }

    mutating func add(_ field: Int, _ bytes: [UInt8]) {
        self.key(field, 2)
        self.varint(UInt64(bytes.count))
        self.bytes += bytes
    }

    mutating func add(_ field: Int, _ message: ProtobufFields) { self.add(field, message.bytes) }

    /// Packed.
    mutating func add(_ field: Int, _ values: [Double]) {
        self.add(field, values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } })
    }
}
