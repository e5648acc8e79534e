import EADCore
import Yams

extension SettingType where Value: FixedWidthInteger & Sendable {
    /// A whole number in decimal digits.
    static func integer(_ range: ClosedRange<Value>) -> SettingType {
        let isOpen = range.upperBound == .max
        let words = isOpen ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        return SettingType("integer", range: words) { scalar in
            guard scalar.style == .plain, let value = Value(scalar.string), range.contains(value) else { return nil }
            return value
        } render: {
            String($0)
        }
    }
}

extension SettingType where Value: LosslessStringConvertible & BinaryFloatingPoint & Sendable {
    /// A finite decimal number.
    static func number(_ range: NumberRange<Value>) -> SettingType {
        SettingType("number", range: range.words) { scalar in
            let digits = scalar.string.unicodeScalars.allSatisfy { "0123456789+-.eE".unicodeScalars.contains($0) }
            guard scalar.style == .plain, digits, let value = Value(scalar.string), value.isFinite,
                range.contains(value)
            else { return nil }
            return value
        } render: {
            String(describing: $0)
        }
    }
}

extension SettingType<Bool> {
    static var flag: SettingType {
        SettingType("true or false") { scalar in
            guard scalar.style == .plain else { return nil }
            return scalar.string == "true" ? true : scalar.string == "false" ? false : nil
        } render: {
            String($0)
        }
    }
}

extension SettingType where Value: RawRepresentable<String> & CaseIterable {
    /// One of a few words.
    static var choice: SettingType {
        SettingType("one of " + Value.allCases.map(\.rawValue).joined(separator: ", ")) { scalar in
            Value(rawValue: scalar.string)
        } render: {
            $0.rawValue
        }
    }
}

extension SettingType<String> {
    static var text: SettingType {
        SettingType("text") {
            $0.string
        } render: {
            $0.quotedForYAML
        }
    }

    /// A path; `~/` stands for the home directory, and a relative one starts at the cluster file.
    static var path: SettingType {
        SettingType("path", range: "not empty") { scalar in
            scalar.string.isEmpty || scalar.string.contains("\0") ? nil : scalar.string
        } render: {
            $0.quotedForYAML
        }
    }

    /// A word that is safe in file names and on command lines.
    static var word: SettingType {
        SettingType("word", range: "of letters, digits, - and _, at most 64") { scalar in
            let allowed = scalar.string.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
            let count = scalar.string.utf8.count
            return allowed && (1...64).contains(count) && !scalar.string.hasPrefix("-") ? scalar.string : nil
        } render: {
            $0.quotedForYAML
        }
    }
}

extension SettingType<NodeID> {
    /// A node's name.
    static var node: SettingType {
        let word = SettingType<String>.word
        return SettingType(word.name, range: word.range, parseNode: { word.parse($0).map { NodeID($0) } }) {
            word.render($0.rawValue)
        }
    }
}

extension SettingType<CalendarDate> {
    /// A day.
    static var date: SettingType {
        SettingType("day", range: "written YYYY-MM-DD") { scalar in
            CalendarDate(scalar.string)
        } render: {
            $0.description.quotedForYAML
        }
    }
}

extension SettingType<[String]> {
    static var texts: SettingType {
        SettingType("list of texts") { node in
            let objection = SettingObjection(message: "must be a list of texts, is \(node.described)")
            guard case .sequence(let sequence) = node else { return .failure(objection) }
            var texts: [String] = []
            for element in sequence {
                guard case .scalar(let scalar) = element, !scalar.isNull else {
                    return .failure(
                        SettingObjection(
                            message: "must be a list of texts, but element \(texts.count) is \(element.described)"))
                }
                texts.append(scalar.string)
            }
            return .success(texts)
        } render: { texts in
            "[" + texts.map(\.quotedForYAML).joined(separator: ", ") + "]"
        }
    }
}

extension SettingType {
    /// Values by names of the user's.
    static func named<Element>(
        _ what: String, _ element: SettingType<Element>
    ) -> SettingType<[String: Element]> where Value == [String: Element] {
        SettingType(
            "mapping of names to \(what)s",
            parseNode: { node in
                guard case .mapping(let mapping) = node else {
                    return .failure(
                        SettingObjection(message: "must be a mapping of names to \(what)s, is \(node.described)"))
                }
                var values: [String: Element] = [:]
                for (key, value) in mapping {
                    guard case .scalar(let scalar) = key, !scalar.isNull, !scalar.string.isEmpty else {
                        return .failure(SettingObjection(message: "has a name that is \(key.described)"))
                    }
                    let name = scalar.string
                    if let original = DuplicateKeys.original(of: name) {
                        return .failure(SettingObjection(message: "has \(original) twice"))
                    }
                    switch element.parse(value) {
                    case .success(let read): values[name] = read
                    case .failure(let objection):
                        return .failure(SettingObjection(message: "has \(name), which \(objection.message)"))
                    }
                }
                return .success(values)
            },
            render: { values in
                let members = values.sorted { $0.key < $1.key }.map {
                    "\($0.key.quotedForYAML): \(element.render($0.value))"
                }
                return "{" + members.joined(separator: ", ") + "}"
            })
    }
}

extension SettingType<JSONValue> {
    /// Anything that JSON has, in YAML's words.
    static var json: SettingType {
        SettingType(
            "value",
            parseNode: { node in
                node.json.map { .success($0) }
                    ?? .failure(SettingObjection(message: "must have texts as keys, none of them twice"))
            }, render: { $0.inYAML })
    }
}

extension Node {
    /// The value in JSON, where what is plain and looks like a number, a flag or nothing is that; nil without a form there.
    fileprivate var json: JSONValue? {
        switch self {
        case .scalar(let scalar):
            if scalar.isNull { return .null }
            guard scalar.style == .plain else { return .text(scalar.string) }
            switch try? JSONReader.value(of: scalar.string) {
            case .flag(let flag): return .flag(flag)
            case .number(let digits): return .number(digits)
            default: return .text(scalar.string)
            }
        case .sequence(let sequence):
            let elements = sequence.map(\.json)
            return elements.contains(nil) ? nil : .list(elements.compactMap(\.self))
        case .mapping(let mapping):
            var members: [JSONValue.Member] = []
            for (key, value) in mapping {
                guard let key = key.scalar?.string, DuplicateKeys.original(of: key) == nil, let value = value.json
                else { return nil }
                members.append(JSONValue.Member(key, value))
            }
            return .object(members)
        case .alias: return nil
        }
    }
}

extension JSONValue {
    fileprivate var inYAML: String {
        switch self {
        case .null: "null"
        case .flag(let flag): "\(flag)"
        case .number(let digits): digits
        case .text(let text): text.quotedForYAML
        case .list(let elements): "[" + elements.map(\.inYAML).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\($0.key.quotedForYAML): \($0.value.inYAML)" }.joined(separator: ", ") + "}"
        }
    }
}

extension SettingType<Endpoint> {
    /// An address that others can connect to.
    static var endpoint: SettingType {
        SettingType("address tcp://host:port", range: "with a port above 0") { scalar in
            Endpoint(scalar.string).flatMap { $0.port > 0 ? $0 : nil }
        } render: {
            $0.description.quotedForYAML
        }
    }
}

extension SettingType<Duration> {
    static func duration(_ range: ClosedRange<Duration>) -> SettingType {
        let words = "\(range.lowerBound.inYAML) to \(range.upperBound.inYAML)"
        return SettingType("duration such as 500ms, 2s, 5m or 1h", range: words) { scalar in
            Duration(inYAML: scalar.string).flatMap { range.contains($0) ? $0 : nil }
        } render: {
            $0.inYAML
        }
    }
}
