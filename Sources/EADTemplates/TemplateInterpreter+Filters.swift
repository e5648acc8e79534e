import EADCore

extension TemplateInterpreter {
    typealias Named = [(name: String, value: TemplateValue)]

    mutating func apply(
        _ filter: TemplateFilter, to value: TemplateValue, _ positional: [TemplateValue], _ named: Named
    ) throws(TemplateError) -> TemplateValue {
        try self.charge()
        func argument(_ index: Int, _ name: String) -> TemplateValue? {
            index < positional.count ? positional[index] : named.first { $0.name == name }?.value
        }
        switch filter {
        case .tojson:
            guard positional.isEmpty else { throw self.fault("tojson takes named values only") }
            return .text(try self.json(value, named))
        case .string: return .text(value.printed)
        case .safe: return .text(value.printed.safe)
        case .trim:
            guard case .text(let set)? = argument(0, "chars") else { return .text(value.printed.stripped(nil)) }
            return .text(value.printed.stripped(set))
        case .upper: return .text(value.printed.uppercased())
        case .lower: return .text(value.printed.lowercased())
        case .capitalize: return .text(value.printed.capitalized())
        case .title: return .text(value.printed.titled())
        case .escape, .e: return .text(value.printed.isSafe ? value.printed : value.printed.escaped.safe)
        case .replace:
            guard let old = argument(0, "old"), let new = argument(1, "new") else {
                throw self.fault("replace takes what to replace and by what")
            }
            return .text(
                try self.replaced(
                    value.printed, old.printed, with: new.printed, limit: argument(2, "count")?.whole))
        case .format: return .text(try self.printf(value.printed, positional))
        case .indent:
            return .text(
                try self.indented(
                    value.printed, argument(0, "width"), first: argument(1, "first")?.isTrue ?? false,
                    blank: argument(2, "blank")?.isTrue ?? false))
        case .default, .d:
            let isMissing = value.isUndefined || (argument(1, "boolean")?.isTrue ?? false) && !value.isTrue
            return isMissing ? argument(0, "default_value") ?? .text("") : value
        case .int: return try self.integer(value, argument(0, "default"))
        case .float:
            if case .text(let text) = value { return .number(Double(text.stripped(nil).string) ?? 0) }
            return .number(value.real ?? 0)
        case .abs:
            if let whole = value.whole, whole != .min { return .integer(abs(whole)) }
            guard let number = value.real else { throw self.fault("bad operand type for abs(): '\(value.typeName)'") }
            return .number(abs(number))
        case .from_json:
            guard case .text(let text) = value else { throw self.fault("from_json takes a text") }
            return try self.parsed(text)
        case .length, .count: return .integer(try self.length(of: value))
        case .list, .items, .first, .last, .reverse, .join, .dictsort, .min, .max, .sum, .sort, .unique, .map, .select,
            .reject, .selectattr, .rejectattr:
            return try self.applyToElements(filter, value, positional, named)
        }
    }

    private func length(of value: TemplateValue) throws(TemplateError) -> Int {
        switch value {
        case .undefined: return 0
        case .text(let text): return text.count
        case .list(let elements), .tuple(let elements): return elements.count
        case .mapping(let mapping): return mapping.count
        default: throw self.fault("object of type '\(value.typeName)' has no len()")
        }
    }

    private func integer(_ value: TemplateValue, _ standard: TemplateValue?) throws(TemplateError) -> TemplateValue {
        if let whole = value.whole { return .integer(whole) }
        if case .undefined(let message) = value { throw self.fault(message) }
        let number: Double?
        if case .text(let text) = value {
            let digits = text.stripped(nil).string
            if let whole = Int(digits) { return .integer(whole) }
            number = Double(digits)
        } else {
            number = value.real
        }
        return number.flatMap { Int(exactly: $0.rounded(.towardZero)) }.map { .integer($0) } ?? standard ?? .integer(0)
    }

    private mutating func indented(
        _ text: TemplateText, _ width: TemplateValue?, first: Bool, blank: Bool
    ) throws(TemplateError) -> TemplateText {
        let indentation: TemplateText
        switch width {
        case .text(let text)?: indentation = text
        case let width?:
            guard let width = width.whole, width <= 1 << 16 else { throw self.fault("indent takes a width") }
            indentation = TemplateText(String(repeating: " ", count: max(0, width)))
        case nil: indentation = TemplateText("    ")
        }
        let lines = (text + TemplateText("\n")).lines()
        try self.charge(text.count + lines.count * indentation.count)
        let others = lines.dropFirst().map { blank || !$0.isEmpty ? indentation + $0 : $0 }
        let start = first ? indentation + lines[0] : lines[0]
        return TemplateText.joined([start] + others, by: TemplateText("\n"))
    }

    // MARK: Elements

    private mutating func applyToElements(
        _ filter: TemplateFilter, _ value: TemplateValue, _ positional: [TemplateValue], _ named: Named
    ) throws(TemplateError) -> TemplateValue {
        func argument(_ index: Int, _ name: String) -> TemplateValue? {
            index < positional.count ? positional[index] : named.first { $0.name == name }?.value
        }
        switch filter {
        case .items:
            switch value {
            case .undefined: return .list([])
            case .mapping(let mapping): return .list(mapping.entries.map { .tuple([$0.key, $0.value]) })
            default: throw self.fault("Can only get item pairs from a mapping.")
            }
        case .list: return .list(try self.elements(value))
        case .first: return try self.elements(value).first ?? .undefined("No first item, sequence was empty.")
        case .last: return try self.elements(value).last ?? .undefined("No last item, sequence was empty.")
        case .reverse:
            if case .text(let text) = value { return .text(TemplateText(units: text.units.reversed())) }
            return .list(try self.elements(value).reversed())
        case .join:
            var parts: [TemplateText] = []
            for element in try self.elements(value) {
                parts.append(try self.attribute(argument(1, "attribute"), of: element).printed)
            }
            let separator = argument(0, "d")?.printed ?? TemplateText("")
            try self.charge(parts.reduce(0) { $0 + $1.count + separator.count })
            return .text(TemplateText.joined(parts, by: separator))
        case .dictsort:
            guard case .mapping(let mapping) = value else { throw self.fault("dictsort takes a mapping") }
            let pairs = mapping.entries.map { TemplateValue.tuple([$0.key, $0.value]) }
            return .list(try self.sorted(pairs, by: .integer(0), isCaseless: true))
        case .sort:
            let sorted = try self.sorted(
                self.elements(value), by: argument(2, "attribute"),
                isCaseless: !(argument(1, "case_sensitive")?.isTrue ?? false))
            return .list(argument(0, "reverse")?.isTrue ?? false ? sorted.reversed() : sorted)
        case .min, .max:
            let sorted = try self.sorted(self.elements(value), by: nil, isCaseless: true)
            return (filter == .min ? sorted.first : sorted.last)
                ?? .undefined("No aggregated item, sequence was empty.")
        case .sum:
            var sum = TemplateValue.integer(0)
            for element in try self.elements(value) {
                sum = try self.combined(.add, sum, self.attribute(argument(0, "attribute"), of: element))
            }
            return sum
        case .unique:
            var seen: [TemplateValue] = []
            var kept: [TemplateValue] = []
            for element in try self.elements(value) {
                let key = Self.caseless(element)
                try self.charge(seen.count)
                if seen.contains(where: { TemplateValue.areEqual($0, key) }) { continue }
                seen.append(key)
                kept.append(element)
            }
            return .generator(TemplateGenerator(.success(kept)))
        case .map: return self.generator { run throws(TemplateError) in try run.mapped(value, positional, named) }
        default: return self.generator { run throws(TemplateError) in try run.selected(filter, value, positional) }
        }
    }

    private mutating func generator(
        _ elements: (inout TemplateInterpreter) throws(TemplateError) -> [TemplateValue]
    ) -> TemplateValue {
        do throws(TemplateError) {
            return .generator(TemplateGenerator(.success(try elements(&self))))
        } catch {
            return .generator(TemplateGenerator(.failure(error)))
        }
    }

    private static func caseless(_ value: TemplateValue) -> TemplateValue {
        guard case .text(let text) = value else { return value }
        return .text(text.lowercased())
    }

    private mutating func sorted(
        _ values: [TemplateValue], by attribute: TemplateValue?, isCaseless: Bool
    ) throws(TemplateError) -> [TemplateValue] {
        var keyed: [(key: TemplateValue, value: TemplateValue)] = []
        for value in values {
            let key = try self.attribute(attribute, of: value)
            keyed.append((isCaseless ? Self.caseless(key) : key, value))
        }
        try self.charge(keyed.count * 16)
        // Insertion keeps equal elements in order, and a comparison may fail.
        var result: [(key: TemplateValue, value: TemplateValue)] = []
        for element in keyed {
            var (low, high) = (0, result.count)
            while low < high {
                let middle = (low + high) / 2
                if try self.isLess(element.key, result[middle].key) { high = middle } else { low = middle + 1 }
            }
            result.insert(element, at: low)
        }
        return result.map(\.value)
    }

    /// An attribute by its name, several after each other by a path with points, or an element by its number.
    private mutating func attribute(
        _ path: TemplateValue?, of value: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        guard let path else { return value }
        let names: [TemplateValue]
        if case .text(let text) = path {
            names = text.split(at: TemplateText("."), limit: nil).map { part in
                Int(part.string).map { .integer($0) } ?? .text(part)
            }
        } else {
            names = [path]
        }
        var result = value
        for name in names { result = try self.item(named: name, of: result) }
        return result
    }

    private mutating func item(named name: TemplateValue, of value: TemplateValue) throws(TemplateError)
        -> TemplateValue
    {
        switch (value, name) {
        case (.undefined(let message), _): throw self.fault(message)
        case (.mapping(let mapping), _): return mapping[name] ?? .undefined("an attribute is missing")
        case (.list(let elements), .integer(let index)), (.tuple(let elements), .integer(let index)):
            return elements.indices.contains(index) ? elements[index] : .undefined("an element is missing")
        case (_, .text(let text)): return try self.member(text.string, of: value)
        default: return .undefined("an attribute is missing")
        }
    }

    private mutating func mapped(
        _ value: TemplateValue, _ positional: [TemplateValue], _ named: Named
    ) throws(TemplateError) -> [TemplateValue] {
        var result: [TemplateValue] = []
        let attribute = named.first { $0.name == "attribute" }?.value
        let standard = named.first { $0.name == "default" }?.value
        // As in Jinja, which asks whether there is anything before it looks.
        for element in value.isTrue ? try self.elements(value) : [] {
            if let attribute {
                let found = try self.attribute(attribute, of: element)
                result.append(found.isUndefined ? standard ?? found : found)
            } else {
                guard case .text(let name)? = positional.first, let filter = TemplateFilter(rawValue: name.string)
                else {
                    throw self.fault("map takes the name of a filter that is implemented, or an attribute")
                }
                result.append(try self.apply(filter, to: element, Array(positional.dropFirst()), named))
            }
        }
        return result
    }

    private mutating func selected(
        _ filter: TemplateFilter, _ value: TemplateValue, _ positional: [TemplateValue]
    ) throws(TemplateError) -> [TemplateValue] {
        var rest = positional[...]
        let attribute = filter == .selectattr || filter == .rejectattr ? rest.popFirst() : nil
        var test: TemplateTest?
        if case .text(let name)? = rest.popFirst() {
            let names = ["==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"]
            test = TemplateTest(rawValue: names[name.string] ?? name.string)
            guard test != nil else { throw self.fault("the test \(name.string) is not implemented") }
        }
        var result: [TemplateValue] = []
        for element in value.isTrue ? try self.elements(value) : [] {
            let tested = try self.attribute(attribute, of: element)
            let passes =
                try test.map { test throws(TemplateError) in try self.passes(tested, test, Array(rest)) }
                ?? tested.isTrue
            if passes == (filter == .select || filter == .selectattr) { result.append(element) }
        }
        return result
    }
}

extension TemplateText {
    /// With the characters that HTML uses written as names.
    var escaped: TemplateText {
        let names: [Unicode.Scalar: String] = [
            "&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", "\"": "&#34;",
        ]
        return TemplateText(
            units: self.units.flatMap { unit in
                names[Self.scalar(unit)].map { Self.replacement($0, for: unit) } ?? [unit]
            })
    }

    /// Every word with its first letter in upper case and the others in lower case.
    func titled() -> TemplateText {
        var isInWord = false
        var units: [UInt32] = []
        for unit in self.units {
            let properties = Self.scalar(unit).properties
            let mapping = isInWord ? properties.lowercaseMapping : properties.titlecaseMapping
            units += properties.isAlphabetic ? Self.replacement(mapping, for: unit) : [unit]
            isInWord = properties.isAlphabetic
        }
        return TemplateText(units: units)
    }
}
