extension TemplateInterpreter {
    /// The most numbers that `range` gives, as Jinja's sandbox has it.
    private static let longestRange = 100_000

    mutating func call(
        _ callee: TemplateExpression, _ arguments: TemplateArguments, _ scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        if case .member(let object, let name) = callee {
            let value = try self.value(object, scope)
            // A namespace or a mapping may hold a macro under the name.
            if let method = TemplateMethod(rawValue: name), !Self.holds(value, name) {
                return try self.call(
                    method, of: value, self.values(arguments.positional, scope), self.named(arguments, scope))
            }
        }
        let function = try self.value(callee, scope)
        let positional = try self.values(arguments.positional, scope)
        let named = try self.named(arguments, scope)
        switch function {
        case .macro(let macro):
            return try self.deeper { run throws(TemplateError) in
                try run.call(macro, positional, named)
            }
        case .function(let function): return try self.call(function, positional, named)
        case .undefined(let message): throw self.fault(message)
        default: throw self.fault("'\(function.typeName)' object is not callable")
        }
    }

    private static func holds(_ value: TemplateValue, _ name: String) -> Bool {
        guard case .namespace(let namespace) = value else { return false }
        return namespace.members[name] != nil
    }

    private mutating func call(
        _ function: TemplateFunction, _ positional: [TemplateValue], _ named: [(name: String, value: TemplateValue)]
    ) throws(TemplateError) -> TemplateValue {
        switch function {
        case .namespace:
            let namespace = TemplateNamespace()
            namespace.members = try self.mapping(positional, named)
            return .namespace(namespace)
        case .dict: return .mapping(try self.mapping(positional, named))
        case .range:
            var bounds: [Int] = []
            for value in positional {
                guard let bound = value.whole else {
                    throw self.fault("'\(value.typeName)' object cannot be interpreted as an integer")
                }
                bounds.append(bound)
            }
            guard (1...3).contains(bounds.count), bounds.count < 3 || bounds[2] != 0, named.isEmpty else {
                throw self.fault("range takes one to three numbers, the third not zero")
            }
            let numbers = stride(
                from: bounds.count == 1 ? 0 : bounds[0], to: bounds.count == 1 ? bounds[0] : bounds[1],
                by: bounds.count == 3 ? bounds[2] : 1)
            let values = numbers.prefix(Self.longestRange + 1).map { TemplateValue.integer($0) }
            guard values.count <= Self.longestRange else { throw self.fault("range is too long", .limit) }
            try self.charge(values.count)
            return .list(values)
        case .raise_exception:
            throw self.fault(positional.first?.printed.string ?? "", .raised)
        case .strftime_now:
            guard positional.count == 1, case .text(let format) = positional[0] else {
                throw self.fault("strftime_now takes a format")
            }
            guard let text = self.date.formatted(format.string) else {
                throw self.fault("the format '\(format.string)' has a letter that is not implemented")
            }
            return .text(text)
        }
    }

    private func mapping(
        _ positional: [TemplateValue], _ named: [(name: String, value: TemplateValue)]
    ) throws(TemplateError) -> TemplateMapping {
        var mapping = TemplateMapping()
        for value in positional {
            guard case .mapping(let other) = value else { throw self.fault("a mapping is made of mappings") }
            for entry in other.entries { mapping[entry.key] = entry.value }
        }
        for (name, value) in named { mapping[name] = value }
        return mapping
    }

    // MARK: Methods

    private mutating func call(
        _ method: TemplateMethod, of value: TemplateValue, _ positional: [TemplateValue],
        _ named: [(name: String, value: TemplateValue)]
    ) throws(TemplateError) -> TemplateValue {
        switch value {
        case .undefined(let message): throw self.fault(message)
        case .text(let text) where TemplateMethod.ofText.contains(method):
            try self.charge(text.count)
            return try self.call(method, ofText: text, positional, named)
        case .mapping(let mapping) where TemplateMethod.ofMapping.contains(method):
            switch method {
            case .items: return .list(mapping.entries.map { .tuple([$0.key, $0.value]) })
            case .keys: return .list(mapping.entries.map(\.key))
            case .values: return .list(mapping.entries.map(\.value))
            case .copy: return value
            default:
                guard let key = positional.first else { throw self.fault("get takes a key") }
                return mapping[key] ?? (positional.count > 1 ? positional[1] : .none)
            }
        case .list(let elements) where TemplateMethod.ofList.contains(method):
            if method == .copy { return value }
            guard let sought = positional.first else { throw self.fault("\(method.rawValue) takes a value") }
            if method == .count {
                return .integer(elements.count { TemplateValue.areEqual($0, sought) })
            }
            guard let place = elements.firstIndex(where: { TemplateValue.areEqual($0, sought) }) else {
                throw self.fault("\(sought.printed.string) is not in list")
            }
            return .integer(place)
        case .list where TemplateMethod.changing.contains(method),
            .mapping where TemplateMethod.changing.contains(method):
            throw self.fault("\(method.rawValue) would change a \(value.typeName), which a template may not")
        default: throw self.fault("'\(value.typeName) object' has no attribute '\(method.rawValue)'")
        }
    }

    private mutating func call(
        _ method: TemplateMethod, ofText text: TemplateText, _ positional: [TemplateValue],
        _ named: [(name: String, value: TemplateValue)]
    ) throws(TemplateError) -> TemplateValue {
        func argument(_ index: Int) -> TemplateValue? { index < positional.count ? positional[index] : nil }
        func optionalText(_ index: Int) throws(TemplateError) -> TemplateText? {
            switch argument(index) {
            case .text(let text)?: return text
            case .none?, nil: return nil
            case let other?: throw self.fault("\(method.rawValue) takes a text, not \(other.typeName)")
            }
        }
        func requiredText(_ index: Int) throws(TemplateError) -> TemplateText {
            guard let text = try optionalText(index) else { throw self.fault("\(method.rawValue) takes a text") }
            return text
        }
        func limit(_ index: Int, _ name: String) throws(TemplateError) -> Int? {
            guard let value = argument(index) ?? named.first(where: { $0.name == name })?.value else { return nil }
            guard let limit = value.whole else { throw self.fault("\(method.rawValue) takes a number here") }
            return limit < 0 ? nil : limit
        }
        switch method {
        case .strip: return .text(text.stripped(try optionalText(0)))
        case .lstrip: return .text(text.stripped(try optionalText(0), right: false))
        case .rstrip: return .text(text.stripped(try optionalText(0), left: false))
        case .split:
            let limit = try limit(1, "maxsplit")
            guard let separator = try optionalText(0) else {
                return .list(text.splitAtSpace(limit: limit).map { .text($0) })
            }
            guard !separator.isEmpty else { throw self.fault("empty separator") }
            return .list(text.split(at: separator, limit: limit).map { .text($0) })
        case .rsplit:
            let separator = try requiredText(0)
            guard !separator.isEmpty else { throw self.fault("empty separator") }
            let parts = text.split(at: separator, limit: nil)
            let kept = min(parts.count - 1, try limit(1, "maxsplit") ?? Int.max)
            let head = TemplateText.joined(Array(parts[..<(parts.count - kept)]), by: separator)
            return .list([.text(head)] + parts[(parts.count - kept)...].map { .text($0) })
        case .startswith, .endswith:
            let choices: [TemplateValue]
            if case .tuple(let texts)? = argument(0) { choices = texts } else { choices = [.text(try requiredText(0))] }
            return .flag(
                choices.contains { choice in
                    guard case .text(let part) = choice else { return false }
                    return text.matches(part, at: method == .startswith ? 0 : text.count - part.count)
                })
        case .replace:
            return .text(
                try self.replaced(text, try requiredText(0), with: try requiredText(1), limit: try limit(2, "count")))
        case .upper: return .text(text.uppercased())
        case .lower: return .text(text.lowercased())
        case .capitalize: return .text(text.capitalized())
        case .title: return .text(text.titled())
        case .find: return .integer(text.first(try requiredText(0)) ?? -1)
        case .index:
            guard let place = text.first(try requiredText(0)) else { throw self.fault("substring not found") }
            return .integer(place)
        case .count:
            let part = try requiredText(0)
            return .integer(part.isEmpty ? text.count + 1 : text.split(at: part, limit: nil).count - 1)
        case .format: return .text(try self.formatted(text, positional, named))
        case .splitlines: return .list(text.lines().map { .text($0) })
        case .join:
            var parts: [TemplateText] = []
            for value in try argument(0).map({ value throws(TemplateError) in try self.elements(value) }) ?? [] {
                guard case .text(let part) = value else {
                    throw self.fault("sequence item: expected str instance, \(value.typeName) found")
                }
                parts.append(part)
            }
            try self.charge(parts.reduce(0) { $0 + $1.count + text.count })
            return .text(TemplateText.joined(parts, by: text))
        case .removeprefix:
            let part = try requiredText(0)
            return .text(text.matches(part, at: 0) ? text[part.count..<text.count] : text)
        case .removesuffix:
            let part = try requiredText(0)
            let start = text.count - part.count
            return .text(text.matches(part, at: start) ? text[0..<start] : text)
        case .isdigit:
            return .flag(
                !text.isEmpty && text.units.allSatisfy { TemplateText.scalar($0).properties.numericType == .decimal })
        case .isspace: return .flag(!text.isEmpty && text.units.allSatisfy(TemplateText.isSpace))
        default: preconditionFailure("\(method.rawValue) is no method of a text")
        }
    }

    /// A text with another in place of a part, unless it would be too long.
    mutating func replaced(
        _ text: TemplateText, _ old: TemplateText, with new: TemplateText, limit: Int?
    ) throws(TemplateError) -> TemplateText {
        let places = old.isEmpty ? text.count + 1 : text.count / old.count
        let (size, overflow) = places.multipliedReportingOverflow(by: new.count)
        // Only an upper bound: the true length is found where it matters.
        if overflow || size > 1 << 20 {
            let count = old.isEmpty ? places : text.split(at: old, limit: limit).count - 1
            try self.charge(text.count + count * new.count)
        }
        return text.replacing(old, with: new, limit: limit)
    }

    /// Python's `str.format`, as far as `{}`, `{0}` and `{name}`.
    private mutating func formatted(
        _ format: TemplateText, _ positional: [TemplateValue], _ named: [(name: String, value: TemplateValue)]
    ) throws(TemplateError) -> TemplateText {
        var result: [UInt32] = []
        var next = 0
        var place = 0
        while place < format.count {
            let character = format[place]
            if character == 0x7B || character == 0x7D, place + 1 < format.count, format[place + 1] == character {
                result.append(format.units[place])
                place += 2
            } else if character == 0x7B {
                guard let end = (place..<format.count).first(where: { format[$0] == 0x7D }) else {
                    throw self.fault("expected '}' before end of string")
                }
                let field = format[place + 1..<end].string
                let value: TemplateValue?
                if field.isEmpty || Int(field) != nil {
                    let index = Int(field) ?? next
                    value = positional.indices.contains(index) ? positional[index] : nil
                    next += 1
                } else {
                    value = named.first { $0.name == field }?.value
                }
                guard let value else { throw self.fault("the field {\(field)} is not implemented, or not given") }
                result += value.printed.units
                place = end + 1
            } else {
                result.append(format.units[place])
                place += 1
            }
        }
        try self.charge(result.count)
        return TemplateText(units: result)
    }
}
