import Yams

/// How one kind of setting is written in YAML: its name for people, what is allowed, and both directions.
struct SettingType<Value> {
    /// What a setting of the type is: `integer`, `duration`.
    var name: String
    /// The allowed values, for people; empty where the name says it.
    var range: String
    /// Reads a value, or says what it must be instead.
    var parse: (Node) -> Result<Value, SettingObjection>
    /// Writes a value as YAML in flow style; `parse` reads it back as the same value.
    var render: (Value) -> String

    /// A type whose values are single scalars.
    init(
        _ name: String, range: String = "", parse: @escaping (Node.Scalar) -> Value?,
        render: @escaping (Value) -> String
    ) {
        self.name = name
        self.range = range
        self.render = render
        self.parse = { node in
            if case .scalar(let scalar) = node, !scalar.isNull, let value = parse(scalar) { return .success(value) }
            let allowed = range.isEmpty ? name.withArticle : "\(name.withArticle), \(range)"
            return .failure(SettingObjection(message: "must be \(allowed), is \(node.described)"))
        }
    }

    init(
        _ name: String, range: String = "", parseNode: @escaping (Node) -> Result<Value, SettingObjection>,
        render: @escaping (Value) -> String
    ) {
        self.name = name
        self.range = range
        self.parse = parseNode
        self.render = render
    }

    /// The same type without the values that `isAllowed` refuses; `range` says in words which are left.
    func limited(to range: String, where isAllowed: @escaping (Value) -> Bool) -> SettingType {
        SettingType(
            self.name, range: range,
            parseNode: { node in
                self.parse(node).flatMap { value in
                    if isAllowed(value) { return .success(value) }
                    return .failure(
                        SettingObjection(message: "must be \(self.name.withArticle), \(range), is \(node.described)"))
                }
            }, render: self.render)
    }

    /// The same type for values of which there may be none; none is not written at all.
    var optional: SettingType<Value?> {
        SettingType<Value?>(self.name, range: self.range, parseNode: { self.parse($0).map { .some($0) } }) { value in
            value.map(self.render) ?? ""
        }
    }
}

/// What is wrong with a value, as a phrase that follows the setting's path.
struct SettingObjection: Error { var message: String }

extension Node.Scalar {
    /// Whether the value was left out, or written as YAML's null.
    var isNull: Bool { self.style == .plain && ["", "~", "null", "Null", "NULL"].contains(self.string) }
}

extension Node {
    /// What stands there, for people.
    var described: String {
        switch self {
        case .scalar(let scalar) where scalar.isNull: "empty"
        case .scalar(let scalar): "'\(scalar.string.prefix(60))'"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}

extension String {
    fileprivate var withArticle: String {
        if self.hasPrefix("one of") || self.hasPrefix("true") { return self }
        return ("aeiou".contains(self.first ?? " ") ? "an " : "a ") + self
    }

    /// The text between double quotes, as YAML and JSON write it.
    var quotedForYAML: String {
        var result = "\""
        for scalar in self.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case let scalar
            where scalar.value < 0x20 || (0x7F...0xA0).contains(scalar.value)
                || (0x2028...0x2029).contains(scalar.value) || (0xFE00...0xFFFF).contains(scalar.value):
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
