/// The front of a GGUF version 3 file as it is written: metadata, then the place of each tensor.
struct GGUFWriting {
    /// Tensor data begin at multiples of this.
    static let alignment = 32

    private var metadata: [UInt8] = []
    private var count: UInt64 = 0

    mutating func add(_ key: String, _ value: UInt32) {
        self.begin(key, .uint32)
        self.append(value, to: &self.metadata)
    }

    mutating func add(_ key: String, _ value: Float) {
        self.begin(key, .float32)
        self.append(value.bitPattern, to: &self.metadata)
    }

    mutating func add(_ key: String, _ value: Bool) {
        self.begin(key, .bool)
        self.metadata.append(value ? 1 : 0)
    }

    mutating func add(_ key: String, _ value: String) {
        self.begin(key, .string)
        self.append(text: value.utf8, to: &self.metadata)
    }

    mutating func add(_ key: String, _ values: [String]) {
        self.begin(key, .array)
        self.append(GGUFValueType.string.rawValue, to: &self.metadata)
        self.append(UInt64(values.count), to: &self.metadata)
        for value in values { self.append(text: value.utf8, to: &self.metadata) }
    }

    mutating func add(_ key: String, _ values: [Int32]) {
        self.begin(key, .array)
        self.append(GGUFValueType.int32.rawValue, to: &self.metadata)
        self.append(UInt64(values.count), to: &self.metadata)
        for value in values { self.append(value, to: &self.metadata) }
    }

    /// A value of another file, as it is there.
    mutating func add(_ key: String, _ value: GGUFValue, from file: MappedFile) {
        switch value {
        case .text(let text): self.add(key, text)
        case .flag(let flag): self.add(key, flag)
        case .float(let number):
            self.begin(key, .float64)
            self.append(number.bitPattern, to: &self.metadata)
        case .unsigned(let number):
            if let small = UInt32(exactly: number) {
                self.add(key, small)
            } else {
                self.begin(key, .uint64)
                self.append(number, to: &self.metadata)
            }
        case .signed(let number):
            self.begin(key, .int64)
            self.append(number, to: &self.metadata)
        case .array(let array):
            self.begin(key, .array)
            self.append(array.elementType.rawValue, to: &self.metadata)
            self.append(UInt64(array.count), to: &self.metadata)
            self.metadata += file.bytes[array.bytes]
        }
    }

    /// The bytes up to the data of the first tensor.
    func front(_ tensors: [WrittenTensor]) -> [UInt8] {
        var bytes = Array("GGUF".utf8)
        self.append(UInt32(3), to: &bytes)
        self.append(UInt64(tensors.count), to: &bytes)
        self.append(self.count, to: &bytes)
        bytes += self.metadata
        var offset = 0
        for tensor in tensors {
            self.append(text: tensor.name.utf8, to: &bytes)
            self.append(UInt32(tensor.shape.count), to: &bytes)
            // The contiguous dimension first.
            for size in tensor.shape.reversed() { self.append(UInt64(size), to: &bytes) }
            self.append(tensor.encoding.rawValue, to: &bytes)
            self.append(UInt64(offset), to: &bytes)
            offset += Self.padded(tensor.byteCount)
        }
        return bytes + [UInt8](repeating: 0, count: Self.padded(bytes.count) - bytes.count)
    }

    static func padded(_ count: Int) -> Int { (count + Self.alignment - 1) / Self.alignment * Self.alignment }

    private mutating func begin(_ key: String, _ type: GGUFValueType) {
        self.count += 1
        self.append(text: key.utf8, to: &self.metadata)
        self.append(type.rawValue, to: &self.metadata)
    }

    private func append(text: some Collection<UInt8>, to bytes: inout [UInt8]) {
        self.append(UInt64(text.count), to: &bytes)
        bytes += text
    }

    private func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }
}
