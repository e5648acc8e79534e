package import EADCore

/// A value of a template, with the meaning it has in Python.
package indirect enum TemplateValue: Sendable {
    /// A name or member that is not there.
    case undefined(String)
    case none
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(TemplateText)
    case list([TemplateValue])
    case tuple([TemplateValue])
    case mapping(TemplateMapping)
    case namespace(TemplateNamespace)
    case macro(TemplateMacro)
    /// A method that is named and not called.
    case method(String)
    case function(TemplateFunction)
    case loop(TemplateLoop)
    case generator(TemplateGenerator)

    /// - Parameter isOutside: Whether the texts came from outside of the template.
    package init(_ json: JSONValue, isOutside: Bool) {
        switch json {
        case .null: self = .none
        case .flag(let flag): self = .flag(flag)
        case .number(let digits):
            self = Int(digits).map { .integer($0) } ?? .number(Double(digits) ?? .nan)
        case .text(let text): self = .text(TemplateText(text, isOutside: isOutside))
        case .list(let elements): self = .list(elements.map { TemplateValue($0, isOutside: isOutside) })
        case .object(let members):
            var mapping = TemplateMapping()
            for member in members {
                mapping[.text(TemplateText(member.key, isOutside: isOutside))] = TemplateValue(
                    member.value, isOutside: isOutside)
            }
            self = .mapping(mapping)
        }
    }

    package static func text(_ text: String) -> TemplateValue { .text(TemplateText(text)) }

    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .flag(let flag): flag
        case .integer(let value): value != 0
        case .number(let value): value != 0
        case .text(let text): !text.isEmpty
        case .list(let elements), .tuple(let elements): !elements.isEmpty
        case .mapping(let mapping): !mapping.isEmpty
        case .namespace, .macro, .method, .function, .loop, .generator: true
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { return true }
        return false
    }

    /// A number as it takes part in arithmetic.
    var real: Double? {
        switch self {
        case .flag(let flag): flag ? 1 : 0
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// A whole number as it takes part in arithmetic.
    var whole: Int? {
        switch self {
        case .flag(let flag): flag ? 1 : 0
        case .integer(let value): value
        default: nil
        }
    }

    /// What Python calls the type.
    var typeName: String {
        switch self {
        case .undefined: "Undefined"
        case .none: "NoneType"
        case .flag: "bool"
        case .integer: "int"
        case .number: "float"
        case .text: "str"
        case .list: "list"
        case .tuple: "tuple"
        case .mapping: "dict"
        case .namespace: "Namespace"
        case .macro: "Macro"
        case .method: "method"
        case .function: "function"
        case .loop: "LoopContext"
        case .generator: "generator"
        }
    }

    /// The text that stands for the value in the output.
    var printed: TemplateText {
        switch self {
        case .undefined: TemplateText("")
        case .text(let text): text
        default: self.represented
        }
    }

    /// The value as it stands within a list in the output.
    private var represented: TemplateText {
        switch self {
        case .undefined: return TemplateText("Undefined")
        case .none: return TemplateText("None")
        case .flag(let flag): return TemplateText(flag ? "True" : "False")
        case .integer(let value): return TemplateText("\(value)")
        case .number(let value): return TemplateText(Self.digits(of: value))
        case .text(let text): return text.quoted
        case .list(let elements): return Self.enclosed("[", elements.map(\.represented), "]")
        case .tuple(let elements):
            return Self.enclosed("(", elements.map(\.represented), elements.count == 1 ? ",)" : ")")
        case .mapping(let mapping):
            return Self.enclosed(
                "{", mapping.entries.map { $0.key.represented + TemplateText(": ") + $0.value.represented }, "}")
        case .namespace, .macro, .method, .function, .loop, .generator: return TemplateText("<\(self.typeName)>")
        }
    }

    private static func enclosed(_ left: String, _ parts: [TemplateText], _ right: String) -> TemplateText {
        TemplateText(left) + TemplateText.joined(parts, by: TemplateText(", ")) + TemplateText(right)
    }

    /// A number with a point, as Python writes it.
    static func digits(of value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let text = "\(value)"
        // Python changes to an exponent at 10^16, Swift a little later.
        guard abs(value) >= 1e16, !text.contains("e") else { return text }
        var digits = text.drop { $0 == "-" }.prefix { $0 != "." }
        let exponent = digits.count - 1
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        let fraction = digits.dropFirst()
        return (value < 0 ? "-" : "") + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction) + "e+\(exponent)"
    }
}

extension TemplateValue {
    /// Equality as Python has it: numbers by value, texts by characters, different types never.
    static func areEqual(_ left: TemplateValue, _ right: TemplateValue) -> Bool {
        switch (left, right) {
        case (.undefined, .undefined), (.none, .none): true
        case (.text(let left), .text(let right)): left == right
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            left.count == right.count && zip(left, right).allSatisfy { Self.areEqual($0, $1) }
        case (.mapping(let left), .mapping(let right)):
            left.count == right.count
                && left.entries.allSatisfy { entry in right[entry.key].map { Self.areEqual(entry.value, $0) } ?? false }
        case (.namespace(let left), .namespace(let right)): left === right
        case (.method(let left), .method(let right)): left == right
        default:
            if let left = left.whole, let right = right.whole {
                left == right
            } else if let left = left.real, let right = right.real {
                left == right
            } else {
                false
            }
        }
    }
}
