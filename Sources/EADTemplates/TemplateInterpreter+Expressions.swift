extension TemplateInterpreter {
    /// - Parameter filtered: What the filters of a block are applied to.
    mutating func value(
        _ expression: TemplateExpression, _ scope: TemplateScope, filtering filtered: TemplateValue? = nil
    ) throws(TemplateError) -> TemplateValue {
        try self.charge()
        return try self.deeper { run throws(TemplateError) in
            try run.evaluated(expression, scope, filtering: filtered)
        }
    }

    private mutating func evaluated(
        _ expression: TemplateExpression, _ scope: TemplateScope, filtering filtered: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        switch expression {
        case .constant(let value): return value
        case .name(let name): return scope[name] ?? .undefined("'\(name)' is undefined")
        case .list(let elements): return .list(try self.values(elements, scope))
        case .tuple(let elements): return .tuple(try self.values(elements, scope))
        case .mapping(let entries): return try self.mapping(entries, scope)
        case .member(let object, let name): return try self.member(name, of: self.value(object, scope))
        case .item(let object, let key): return try self.item(self.value(key, scope), of: self.value(object, scope))
        case .slice(let object, let start, let end, let step):
            return try self.slice(
                self.value(object, scope), self.bound(start, scope), self.bound(end, scope), self.bound(step, scope))
        case .call(let callee, let arguments): return try self.call(callee, arguments, scope)
        case .filter(let object, let filter, let arguments):
            guard
                let input = try object.map({ object throws(TemplateError) in
                    try self.value(object, scope, filtering: filtered)
                }) ?? filtered
            else { preconditionFailure("the filters of a block are given its text") }
            return try self.apply(
                filter, to: input, self.values(arguments.positional, scope), self.named(arguments, scope))
        case .test(let object, let test, let arguments):
            return .flag(try self.passes(self.value(object, scope), test, self.values(arguments, scope)))
        case .not(let operand): return .flag(!(try self.value(operand, scope).isTrue))
        case .negative(let operand): return try self.negative(self.value(operand, scope))
        case .and(let left, let right):
            let value = try self.value(left, scope)
            return value.isTrue ? try self.value(right, scope) : value
        case .or(let left, let right):
            let value = try self.value(left, scope)
            return value.isTrue ? value : try self.value(right, scope)
        case .compare(let first, let others): return try self.compared(first, others, scope)
        case .binary(let operation, let left, let right):
            return try self.combined(operation, self.value(left, scope), self.value(right, scope))
        case .choice(let value, let test, let other):
            if try self.value(test, scope).isTrue { return try self.value(value, scope) }
            return try other.map { other throws(TemplateError) in try self.value(other, scope) }
                ?? .undefined("the inline if has no else")
        }
    }

    mutating func values(
        _ expressions: [TemplateExpression], _ scope: TemplateScope
    ) throws(TemplateError) -> [TemplateValue] {
        var values: [TemplateValue] = []
        for expression in expressions { values.append(try self.value(expression, scope)) }
        return values
    }

    mutating func named(
        _ arguments: TemplateArguments, _ scope: TemplateScope
    ) throws(TemplateError) -> [(name: String, value: TemplateValue)] {
        var values: [(name: String, value: TemplateValue)] = []
        for argument in arguments.named { values.append((argument.name, try self.value(argument.value, scope))) }
        return values
    }

    private mutating func mapping(
        _ entries: [(key: TemplateExpression, value: TemplateExpression)], _ scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        var mapping = TemplateMapping()
        for entry in entries { mapping[try self.value(entry.key, scope)] = try self.value(entry.value, scope) }
        return .mapping(mapping)
    }

    /// What a loop goes through.
    mutating func elements(_ value: TemplateValue) throws(TemplateError) -> [TemplateValue] {
        switch value {
        case .undefined: return []
        case .list(let elements), .tuple(let elements):
            try self.charge(elements.count)
            return elements
        case .mapping(let mapping): return mapping.entries.map(\.key)
        case .text(let text):
            try self.charge(text.count)
            return text.units.map { .text(TemplateText(units: [$0])) }
        case .generator(let generator): return try generator.take()
        default: throw self.fault("'\(value.typeName)' object is not iterable")
        }
    }

    // MARK: Members

    /// What `object.name` is: a method or attribute first, then an item.
    mutating func member(_ name: String, of object: TemplateValue) throws(TemplateError) -> TemplateValue {
        switch object {
        case .undefined(let message): throw self.fault(message)
        case .loop(let loop): return loop[name]
        case .namespace(let namespace): return namespace.members[name] ?? .undefined("the namespace has no '\(name)'")
        case .mapping(let mapping):
            if Self.isMethod(name, TemplateMethod.ofMapping) { return .method(name) }
            return mapping[name] ?? .undefined("'dict object' has no attribute '\(name)'")
        case .text where Self.isMethod(name, TemplateMethod.ofText),
            .list where Self.isMethod(name, TemplateMethod.ofList):
            return .method(name)
        default: return .undefined("'\(object.typeName) object' has no attribute '\(name)'")
        }
    }

    private static func isMethod(_ name: String, _ methods: Set<TemplateMethod>) -> Bool {
        TemplateMethod(rawValue: name).map { methods.contains($0) } ?? false
    }

    /// What `object[key]` is: an item first, then a method.
    private mutating func item(_ key: TemplateValue, of object: TemplateValue) throws(TemplateError) -> TemplateValue {
        switch object {
        case .undefined(let message): throw self.fault(message)
        case .list(let elements), .tuple(let elements):
            if let index = key.whole, let place = Self.place(index, elements.count) { return elements[place] }
        case .text(let text):
            if let index = key.whole, let place = Self.place(index, text.count) {
                return .text(text[place..<place + 1])
            }
        case .mapping(let mapping):
            if let value = mapping[key] { return value }
        case .namespace, .loop: break
        default: break
        }
        guard case .text(let name) = key else {
            return .undefined("'\(object.typeName) object' has no element \(key.printed.string)")
        }
        return try self.member(name.string, of: object)
    }

    private static func place(_ index: Int, _ count: Int) -> Int? {
        let place = index < 0 ? index + count : index
        return (0..<count).contains(place) ? place : nil
    }

    private mutating func bound(
        _ expression: TemplateExpression?, _ scope: TemplateScope
    ) throws(TemplateError) -> Int? {
        guard let expression else { return nil }
        let value = try self.value(expression, scope)
        if case .none = value { return nil }
        guard let bound = value.whole else {
            throw self.fault("slice indices must be integers or None, not \(value.typeName)")
        }
        return bound
    }

    private mutating func slice(
        _ object: TemplateValue, _ start: Int?, _ end: Int?, _ step: Int?
    ) throws(TemplateError) -> TemplateValue {
        let step = step ?? 1
        guard step != 0 else { throw self.fault("slice step cannot be zero") }
        func places(_ count: Int) -> [Int] {
            func clamped(_ bound: Int?, _ standard: Int) -> Int {
                guard let bound else { return standard }
                let place = bound < 0 ? bound + count : bound
                return step > 0 ? min(max(place, 0), count) : min(max(place, -1), count - 1)
            }
            let first = clamped(start, step > 0 ? 0 : count - 1)
            let last = clamped(end, step > 0 ? count : -1)
            return Array(stride(from: first, to: last, by: step))
        }
        switch object {
        case .undefined(let message): throw self.fault(message)
        case .list(let elements):
            try self.charge(elements.count)
            return .list(places(elements.count).map { elements[$0] })
        case .tuple(let elements): return .tuple(places(elements.count).map { elements[$0] })
        case .text(let text):
            try self.charge(text.count)
            return .text(TemplateText(units: places(text.count).map { text.units[$0] }))
        default: return .undefined("'\(object.typeName)' object is not subscriptable")
        }
    }
}
