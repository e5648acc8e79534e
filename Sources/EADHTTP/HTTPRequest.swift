/// A request, as far as the routes of a page that is read need it.
package struct HTTPRequest: Sendable {
    /// `GET`, `HEAD` or another word.
    package var method: String
    /// Without the query, percent-encoded as it came.
    package var path: String
    /// In their order.
    package var query: [(name: String, value: String)]
    /// By lowercase name; of a repeated one, the first.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(
        method: String = "GET", target: String, headers: [String: String] = [:], body: [UInt8] = []
    ) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.method = method
        self.path = String(parts[0])
        self.query = parts.count > 1 ? Self.form(parts[1]) : []
        self.headers = headers
        self.body = body
    }

    /// `a=1&b=x%20y`
    package static func form(_ text: Substring) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest.removeFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
