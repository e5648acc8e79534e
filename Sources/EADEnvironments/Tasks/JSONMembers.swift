/// The members of a JSON object as they are written, so that numbers keep all of their digits.
enum JSONMembers {
    /// The number under a key of the outermost object as it is written; nil if there is no such key or it holds no number.
    ///
    /// - Parameters:
    ///   - line: a valid JSON object.
    ///   - key: without characters that JSON escapes.
    static func number(_ key: String, in line: some Collection<UInt8>) -> String? {
        let bytes = Array(line)
        var found: String?
        var depth = 0
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
            case UInt8(ascii: "\""):
                let start = index + 1
                index = self.stringEnd(bytes, from: start)
                let value = self.valueStart(bytes, afterStringAt: index)
                if depth == 1, let value, bytes[start..<index].elementsEqual(key.utf8) {
                    found = self.number(bytes[value...])
                }
            default: break
            }
            index += 1
        }
        return found
    }

    /// Where the string that begins at `start` has its closing quote.
    private static func stringEnd(_ bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index, bytes.count)
    }

    /// Where the value begins if the string that ends at `end` is a key.
    private static func valueStart(_ bytes: [UInt8], afterStringAt end: Int) -> Int? {
        var index = end + 1
        func skipSpace() { while index < bytes.count, " \t\r\n".utf8.contains(bytes[index]) { index += 1 } }
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { return nil }
        index += 1
        skipSpace()
        return index < bytes.count ? index : nil
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> String? {
        let number = bytes.prefix { (48...57).contains($0) || "+-.eE".utf8.contains($0) }
        return number.isEmpty ? nil : String(decoding: number, as: UTF8.self)
    }
}
