extension JSONValue: CustomStringConvertible {
    /// The value in JSON, on one line.
    package var description: String {
        switch self {
        case .null: "null"
        case .flag(let flag): "\(flag)"
        case .number(let digits): digits
        case .text(let text): Self.quoted(text)
        case .list(let elements): "[" + elements.map(\.description).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { Self.quoted($0.key) + ":" + $0.value.description }.joined(separator: ",") + "}"
        }
    }

    /// The value in JSON, a member or element a line, for people.
    package func indented(by depth: Int = 0) -> String {
        func lines(_ open: String, _ parts: [String], _ close: String) -> String {
            guard !parts.isEmpty else { return open + close }
            let space = String(repeating: " ", count: 2 * depth)
            return open + "\n" + parts.map { "\(space)  \($0)" }.joined(separator: ",\n") + "\n\(space)\(close)"
        }
        switch self {
        case .list(let elements): return lines("[", elements.map { $0.indented(by: depth + 1) }, "]")
        case .object(let members):
            let parts = members.map { "\(Self.quoted($0.key)): \($0.value.indented(by: depth + 1))" }
            return lines("{", parts, "}")
        case .null, .flag, .number, .text: return self.description
        }
    }

    /// A text as JSON writes it, in quotes.
    package static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
