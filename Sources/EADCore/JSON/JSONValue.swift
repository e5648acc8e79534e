/// A value of JSON as it was written: objects keep the order of their members, numbers keep all of their digits.
package enum JSONValue: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
        package var key: String
        package var value: JSONValue

        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    case null
    case flag(Bool)
    /// The digits as they are written.
    case number(String)
    case text(String)
    case list([JSONValue])
    case object([Member])

    /// The member of an object under a key, the last one if there are several; nil for anything else.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// The text, nil for anything else.
    package var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    /// A whole number, nil for anything else.
    package var integer: Int? {
        guard case .number(let digits) = self else { return nil }
        return Int(digits)
    }

    /// As a person would name it in a message: a short value itself, of a longer one what it is.
    package var summary: String {
        switch self {
        case .null: "null"
        case .flag(let flag): "\(flag)"
        case .number(let digits): digits
        case .text(let text): text.count <= 200 ? "\"\(text)\"" : "a text of \(text.count) characters"
        case .list(let elements): "a list of \(elements.count)"
        case .object(let members): "an object of \(members.count)"
        }
    }
}
