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
    ///
    /// What is set keeps its place, or comes last; nil removes it. Only objects have members to set.
    package subscript(key: String) -> JSONValue? {
        get { self.members.last { $0.key.utf8.elementsEqual(key.utf8) }?.value }
        set {
            guard case .object(var members) = self else { preconditionFailure("only objects have members") }
            let place = members.lastIndex { $0.key.utf8.elementsEqual(key.utf8) }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(key, value))
            case (nil, nil): break
            }
            self = .object(members)
        }
    }

    /// The members of an object in their order, none for anything else.
    package var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    /// An object with members in the order of their keys.
    package init(_ members: [String: JSONValue]) {
        self = .object(members.sorted { $0.key < $1.key }.map { Member($0.key, $0.value) })
    }

    package static func integer(_ value: Int) -> JSONValue { .number("\(value)") }

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

    /// A number without a fraction, however it is written; nil for anything else.
    package var wholeNumber: Int? { self.integer ?? self.real.flatMap { Int(exactly: $0) } }

    /// A number, nil for anything else.
    package var real: Double? {
        guard case .number(let digits) = self else { return nil }
        return Double(digits)
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
