/// Reads one value of JSON (RFC 8259) from UTF-8.
package struct JSONReader {
    /// What is wrong with a text, and at which byte.
    package struct Fault: Error, Hashable, Sendable {
        package let offset: Int
        package let message: String
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// Values within values: deeper ones are refused before the stack runs out.
    private static let deepest = 128

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The value that the bytes hold, with nothing but white space around it.
    package static func value(of bytes: UnsafeRawBufferPointer) throws(Fault) -> JSONValue {
        var reader = JSONReader(bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == bytes.count else { throw reader.fault("text follows the value") }
        return value
    }

    package static func value(of text: String) throws(Fault) -> JSONValue { try Self.value(of: Array(text.utf8)) }

    package static func value(of bytes: [UInt8]) throws(Fault) -> JSONValue {
        let result: Result<JSONValue, Fault> = bytes.withUnsafeBytes { bytes in
            do throws(Fault) { return .success(try Self.value(of: bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func fault(_ message: String) -> Fault { Fault(offset: self.position, message: message) }

    private var next: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    private mutating func skipSpace() {
        while let byte = self.next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.next == byte else { return false }
        self.position += 1
        return true
    }

    private mutating func value(depth: Int) throws(Fault) -> JSONValue {
        guard depth < Self.deepest else { throw self.fault("values lie more than \(Self.deepest) deep") }
        self.skipSpace()
        switch self.next {
        case UInt8(ascii: "{"): return try self.object(depth: depth)
        case UInt8(ascii: "["): return try self.list(depth: depth)
        case UInt8(ascii: "\""): return .text(try self.text())
        case UInt8(ascii: "t"): return try self.word("true", .flag(true))
        case UInt8(ascii: "f"): return try self.word("false", .flag(false))
        case UInt8(ascii: "n"): return try self.word("null", .null)
        case nil: throw self.fault("the text ends where a value should be")
        default: return try self.number()
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(Fault) -> JSONValue {
        let end = self.position + word.utf8CodeUnitCount
        let expected = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard end <= self.bytes.count, self.bytes[self.position..<end].elementsEqual(expected) else {
            throw self.fault("is no value")
        }
        self.position = end
        return value
    }

    private mutating func object(depth: Int) throws(Fault) -> JSONValue {
        self.position += 1
        var members: [JSONValue.Member] = []
        self.skipSpace()
        if self.take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            self.skipSpace()
            guard self.next == UInt8(ascii: "\"") else { throw self.fault("a key in quotes should be here") }
            let key = try self.text()
            self.skipSpace()
            guard self.take(UInt8(ascii: ":")) else { throw self.fault("a colon should be here") }
            members.append(JSONValue.Member(key, try self.value(depth: depth + 1)))
            self.skipSpace()
        } while self.take(UInt8(ascii: ","))
        guard self.take(UInt8(ascii: "}")) else { throw self.fault("a comma or } should be here") }
        return .object(members)
    }

    private mutating func list(depth: Int) throws(Fault) -> JSONValue {
        self.position += 1
        var elements: [JSONValue] = []
        self.skipSpace()
        if self.take(UInt8(ascii: "]")) { return .list(elements) }
        repeat {
            elements.append(try self.value(depth: depth + 1))
            self.skipSpace()
        } while self.take(UInt8(ascii: ","))
        guard self.take(UInt8(ascii: "]")) else { throw self.fault("a comma or ] should be here") }
        return .list(elements)
    }

    private mutating func number() throws(Fault) -> JSONValue {
        let start = self.position
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
        _ = self.take(UInt8(ascii: "-"))
        guard isDigit(self.next) else { throw self.fault("is no value") }
        if !self.take(UInt8(ascii: "0")) { while isDigit(self.next) { self.position += 1 } }
        if self.take(UInt8(ascii: ".")) {
            guard isDigit(self.next) else { throw self.fault("a digit should be here") }
            while isDigit(self.next) { self.position += 1 }
        }
        if self.take(UInt8(ascii: "e")) || self.take(UInt8(ascii: "E")) {
            if !self.take(UInt8(ascii: "+")) { _ = self.take(UInt8(ascii: "-")) }
            guard isDigit(self.next) else { throw self.fault("a digit should be here") }
            while isDigit(self.next) { self.position += 1 }
        }
        return .number(String(decoding: self.bytes[start..<self.position], as: UTF8.self))
    }

    // MARK: Text

    private mutating func text() throws(Fault) -> String {
        self.position += 1
        let start = self.position
        while let byte = self.next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
            self.position += 1
        }
        if self.next == UInt8(ascii: "\"") {
            let text = try self.validated(self.bytes[start..<self.position])
            self.position += 1
            return text
        }
        return try self.escapedText(from: start)
    }

    private func validated(_ bytes: some Collection<UInt8>) throws(Fault) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw self.fault("is not valid UTF-8") }
        return text
    }

    private mutating func escapedText(from start: Int) throws(Fault) -> String {
        var text = Array(self.bytes[start..<self.position])
        while let byte = self.next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw self.fault("a control character in a text must be written as an escape") }
            self.position += 1
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            text += Array(try self.escape().utf8)
        }
        guard self.next != nil else { throw self.fault("the text ends within quotes") }
        self.position += 1
        return try self.validated(text)
    }

    private mutating func escape() throws(Fault) -> String {
        guard let letter = self.next else { throw self.fault("the text ends within quotes") }
        self.position += 1
        switch letter {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return String(Character(try self.escapedScalar()))
        default: throw self.fault("is no escape of JSON")
        }
    }

    private mutating func escapedScalar() throws(Fault) -> Unicode.Scalar {
        let first = try self.hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // Half a character of UTF-16: the other half must follow.
        guard first < 0xDC00, self.take(UInt8(ascii: "\\")), self.take(UInt8(ascii: "u")) else {
            throw self.fault("an escape is half a character")
        }
        let second = try self.hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + second - 0xDC00)
        else { throw self.fault("an escape is half a character") }
        return scalar
    }

    private mutating func hexadecimal() throws(Fault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = self.next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw self.fault("four hexadecimal digits should be here")
            }
            value = value << 4 | UInt32(digit)
            self.position += 1
        }
        return value
    }
}
