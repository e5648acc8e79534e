import EADCore

extension TemplateInterpreter {
    /// How `json.dumps` writes, as transformers lets templates say.
    private struct Style {
        var isASCII = false
        /// Nil for one line.
        var indent: TemplateText?
        var comma = TemplateText(", ")
        var colon = TemplateText(": ")
        var sortsKeys = false
    }

    mutating func json(_ value: TemplateValue, _ named: Named) throws(TemplateError) -> TemplateText {
        var style = Style()
        for (name, value) in named {
            switch (name, value) {
            case ("ensure_ascii", _): style.isASCII = value.isTrue
            case ("sort_keys", _): style.sortsKeys = value.isTrue
            case ("indent", .none), ("separators", .none): continue
            case ("indent", .text(let text)):
                style.indent = text
                style.comma = TemplateText(",")
            case ("indent", .integer(let width)) where width <= 64:
                style.indent = TemplateText(String(repeating: " ", count: max(0, width)))
                style.comma = TemplateText(",")
            default: continue
            }
        }
        if let separators = named.first(where: { $0.name == "separators" })?.value {
            switch separators {
            case .none: break
            case .tuple(let pair) where pair.count == 2, .list(let pair) where pair.count == 2:
                (style.comma, style.colon) = (pair[0].printed, pair[1].printed)
            default: throw self.fault("separators of tojson are two texts")
            }
        }
        for (name, _) in named
        where !["ensure_ascii", "sort_keys", "indent", "separators"].contains(name) {
            throw self.fault("tojson takes no value named '\(name)'")
        }
        return try self.json(value, style, level: 0)
    }

    private mutating func json(
        _ value: TemplateValue, _ style: Style, level: Int
    ) throws(TemplateError) -> TemplateText {
        try self.charge()
        switch value {
        case .none: return TemplateText("null")
        case .flag(let flag): return TemplateText(flag ? "true" : "false")
        case .integer(let value): return TemplateText("\(value)")
        case .number(let value):
            if value.isNaN { return TemplateText("NaN") }
            if value.isInfinite { return TemplateText(value < 0 ? "-Infinity" : "Infinity") }
            return TemplateText(TemplateValue.digits(of: value))
        case .text(let text): return Self.quoted(text, isASCII: style.isASCII)
        case .list(let elements), .tuple(let elements):
            var parts: [TemplateText] = []
            for element in elements {
                parts.append(
                    try self.deeper { run throws(TemplateError) in try run.json(element, style, level: level + 1) })
            }
            return try self.enclosed("[", parts, "]", style, level: level)
        case .mapping(let mapping):
            var members: [(key: TemplateText, value: TemplateValue)] = []
            for entry in mapping.entries { members.append((try self.key(entry.key, style), entry.value)) }
            if style.sortsKeys { members.sort { TemplateText.isLess($0.key, $1.key) } }
            var parts: [TemplateText] = []
            for member in members {
                let value = try self.deeper { run throws(TemplateError) in
                    try run.json(member.value, style, level: level + 1)
                }
                parts.append(Self.quoted(member.key, isASCII: style.isASCII) + style.colon + value)
            }
            return try self.enclosed("{", parts, "}", style, level: level)
        default: throw self.fault("Object of type \(value.typeName) is not JSON serializable")
        }
    }

    private mutating func key(_ key: TemplateValue, _ style: Style) throws(TemplateError) -> TemplateText {
        if case .text(let text) = key { return text }
        return try self.json(key, style, level: 0)
    }

    private mutating func enclosed(
        _ left: String, _ parts: [TemplateText], _ right: String, _ style: Style, level: Int
    ) throws(TemplateError) -> TemplateText {
        let size = parts.reduce(0) { $0 + $1.count + 2 + (style.indent?.count ?? 0) * (level + 1) }
        try self.charge(size)
        guard let indent = style.indent, !parts.isEmpty else {
            return TemplateText(left) + TemplateText.joined(parts, by: style.comma) + TemplateText(right)
        }
        func lineStart(_ level: Int) -> TemplateText {
            TemplateText("\n") + TemplateText(units: Array(repeatElement(indent.units, count: level).joined()))
        }
        let inner = lineStart(level + 1)
        return TemplateText(left) + inner + TemplateText.joined(parts, by: style.comma + inner) + lineStart(level)
            + TemplateText(right)
    }

    private static func quoted(_ text: TemplateText, isASCII: Bool) -> TemplateText {
        var units: [UInt32] = [0x22]
        for unit in text.units {
            let scalar = TemplateText.scalar(unit)
            switch scalar {
            case "\"": units += TemplateText.replacement("\\\"", for: unit)
            case "\\": units += TemplateText.replacement("\\\\", for: unit)
            case "\n": units += TemplateText.replacement("\\n", for: unit)
            case "\r": units += TemplateText.replacement("\\r", for: unit)
            case "\t": units += TemplateText.replacement("\\t", for: unit)
            case "\u{8}": units += TemplateText.replacement("\\b", for: unit)
            case "\u{C}": units += TemplateText.replacement("\\f", for: unit)
            default:
                if scalar.value < 0x20 || isASCII && scalar.value > 0x7E {
                    for half in String(Character(scalar)).utf16 {
                        let digits = String(half, radix: 16)
                        units += TemplateText.replacement(
                            "\\u" + String(repeating: "0", count: 4 - digits.count) + digits, for: unit)
                    }
                } else {
                    units.append(unit)
                }
            }
        }
        return TemplateText(units: units + [0x22])
    }

    /// The value of a text in JSON; all of its texts are from outside if any of the text is.
    mutating func parsed(_ text: TemplateText) throws(TemplateError) -> TemplateValue {
        try self.charge(text.count)
        let isOutside = text.ownRanges != [0..<text.string.utf8.count]
        do throws(JSONReader.Fault) {
            return TemplateValue(try JSONReader.value(of: text.string), isOutside: isOutside)
        } catch {
            throw self.fault("from_json: \(error.message)")
        }
    }
}
