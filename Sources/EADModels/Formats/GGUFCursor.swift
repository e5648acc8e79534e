/// Reads little-endian values from the mapped bytes of a GGUF file, never past their end.
struct GGUFCursor {
    static let damaged = "the file is damaged or not complete: fetch it again"

    let file: MappedFile
    private(set) var offset: Int

    init(_ file: MappedFile, at offset: Int = 0) {
        self.file = file
        self.offset = offset
    }

    var remaining: Int { self.file.bytes.count - self.offset }

    mutating func skip(_ count: Int, _ what: @autoclosure () -> String) throws(ModelFileError) {
        guard count <= self.remaining else {
            throw ModelFileError(
                .truncated, file: self.file.path, offset: self.offset,
                "the file ends in \(what()), which needs \(count) bytes where \(self.remaining) are left",
                advice: Self.damaged)
        }
        self.offset += count
    }

    /// `T` must be a type of which every bit pattern is a value.
    mutating func read<T: BitwiseCopyable>(
        _: T.Type, _ what: @autoclosure () -> String
    ) throws(ModelFileError) -> T {
        let start = self.offset
        try self.skip(MemoryLayout<T>.size, what())
        return self.file.bytes.loadUnaligned(fromByteOffset: start, as: T.self)
    }

    /// A count or length that is followed by at least `unit` bytes for each of what it counts.
    mutating func readCount(unit: Int, _ what: @autoclosure () -> String) throws(ModelFileError) -> Int {
        let start = self.offset
        let value = try self.read(UInt64.self, what())
        guard value <= UInt64(self.remaining / unit) else {
            throw ModelFileError(
                .implausible, file: self.file.path, offset: start,
                "\(what()) is \(value), more than the rest of the file can hold", advice: Self.damaged)
        }
        return Int(value)
    }

    /// Skips a string and returns where its bytes are.
    mutating func readStringRange(_ what: @autoclosure () -> String) throws(ModelFileError) -> Range<Int> {
        let length = try self.readCount(unit: 1, "the length of \(what())")
        let start = self.offset
        self.offset += length
        return start..<self.offset
    }

    mutating func readString(_ what: @autoclosure () -> String) throws(ModelFileError) -> String {
        let range = try self.readStringRange(what())
        guard let text = String(validating: self.file.bytes[range], as: UTF8.self) else {
            throw ModelFileError(
                .malformed, file: self.file.path, offset: range.lowerBound, "\(what()) is not valid UTF-8",
                advice: Self.damaged)
        }
        return text
    }
}
