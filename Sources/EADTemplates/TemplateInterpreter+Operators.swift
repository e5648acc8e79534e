extension TemplateInterpreter {
    mutating func negative(_ value: TemplateValue) throws(TemplateError) -> TemplateValue {
        if let whole = value.whole, whole != .min { return .integer(-whole) }
        if case .number(let number) = value { return .number(-number) }
        throw self.fault("bad operand type for unary -: '\(value.typeName)'")
    }

    mutating func compared(
        _ first: TemplateExpression, _ others: [(TemplateOperator, TemplateExpression)], _ scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        var left = try self.value(first, scope)
        for (comparison, expression) in others {
            let right = try self.value(expression, scope)
            guard try self.holds(comparison, left, right) else { return .flag(false) }
            left = right
        }
        return .flag(true)
    }

    mutating func holds(
        _ comparison: TemplateOperator, _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateError) -> Bool {
        switch comparison {
        case .equal: TemplateValue.areEqual(left, right)
        case .unequal: !TemplateValue.areEqual(left, right)
        case .less: try self.isLess(left, right, "<")
        case .greater: try self.isLess(right, left, ">")
        case .lessOrEqual: try self.isLess(left, right, "<=") || TemplateValue.areEqual(left, right)
        case .greaterOrEqual: try self.isLess(right, left, ">=") || TemplateValue.areEqual(left, right)
        case .within: try self.contains(right, left)
        case .notWithin: try !self.contains(right, left)
        default: preconditionFailure("\(comparison.rawValue) compares nothing")
        }
    }

    mutating func isLess(
        _ left: TemplateValue, _ right: TemplateValue, _ symbol: String = "<"
    ) throws(TemplateError) -> Bool {
        if case .text(let left) = left, case .text(let right) = right { return TemplateText.isLess(left, right) }
        if let left = left.real, let right = right.real { return left < right }
        switch (left, right) {
        case (.undefined(let message), _), (_, .undefined(let message)): throw self.fault(message)
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            for (left, right) in zip(left, right) where !TemplateValue.areEqual(left, right) {
                return try self.isLess(left, right, symbol)
            }
            return left.count < right.count
        default:
            throw self.fault(
                "'\(symbol)' not supported between instances of '\(left.typeName)' and '\(right.typeName)'")
        }
    }

    private mutating func contains(_ container: TemplateValue, _ value: TemplateValue) throws(TemplateError) -> Bool {
        switch container {
        case .undefined: return false
        case .text(let text):
            guard case .text(let part) = value else {
                if case .undefined(let message) = value { throw self.fault(message) }
                throw self.fault("'in <string>' requires string as left operand, not \(value.typeName)")
            }
            try self.charge(text.count)
            return text.first(part) != nil
        case .list(let elements), .tuple(let elements):
            try self.charge(elements.count)
            return elements.contains { TemplateValue.areEqual($0, value) }
        case .mapping(let mapping): return mapping[value] != nil
        case .generator(let generator): return try generator.take().contains { TemplateValue.areEqual($0, value) }
        default: throw self.fault("argument of type '\(container.typeName)' is not iterable")
        }
    }

    mutating func combined(
        _ operation: TemplateOperator, _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        if operation == .concatenate {
            let (left, right) = (left.printed, right.printed)
            try self.charge(left.count + right.count)
            return .text(left + right)
        }
        switch (left, right) {
        case (.undefined(let message), _), (_, .undefined(let message)): throw self.fault(message)
        case (.text(let left), .text(let right)) where operation == .add:
            try self.charge(left.count + right.count)
            guard left.isSafe || right.isSafe else { return .text(left + right) }
            let (start, end) = (left.isSafe ? left : left.escaped, right.isSafe ? right : right.escaped)
            return .text((start + end).safe)
        case (.list(let left), .list(let right)) where operation == .add:
            try self.charge(left.count + right.count)
            return .list(left + right)
        case (.tuple(let left), .tuple(let right)) where operation == .add: return .tuple(left + right)
        case (.text(let format), _) where operation == .remainder:
            if case .tuple(let values) = right { return .text(try self.printf(format, values)) }
            return .text(try self.printf(format, [right]))
        case (.text(let text), let count) where operation == .multiply,
            (let count, .text(let text)) where operation == .multiply:
            guard let count = count.whole else { break }
            let (size, overflow) = text.count.multipliedReportingOverflow(by: max(count, 0))
            try self.charge(overflow ? .max : size)
            return .text(TemplateText(units: Array(repeatElement(text.units, count: max(count, 0)).joined())))
        default: break
        }
        if let left = left.whole, let right = right.whole { return try self.arithmetic(operation, left, right) }
        if let left = left.real, let right = right.real { return try self.arithmetic(operation, left, right) }
        throw self.fault(
            "unsupported operand type(s) for \(operation.rawValue): '\(left.typeName)' and '\(right.typeName)'")
    }

    private func arithmetic(_ operation: TemplateOperator, _ left: Int, _ right: Int) throws(TemplateError)
        -> TemplateValue
    {
        let result: (partialValue: Int, overflow: Bool)
        switch operation {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .floorDivide, .remainder:
            guard right != 0 else { throw self.fault("integer division or modulo by zero") }
            let (quotient, overflow) = left.dividedReportingOverflow(by: right)
            guard !overflow else { throw self.fault("a number is too large") }
            let rest = left - quotient * right
            let isRounded = rest != 0 && (rest < 0) != (right < 0)
            result = (
                operation == .remainder ? (isRounded ? rest + right : rest) : quotient - (isRounded ? 1 : 0), false
            )
        case .divide: return try self.arithmetic(operation, Double(left), Double(right))
        default: throw self.fault("\(operation.rawValue) is not implemented for whole numbers")
        }
        guard !result.overflow else { throw self.fault("a number is too large") }
        return .integer(result.partialValue)
    }

    private func arithmetic(
        _ operation: TemplateOperator, _ left: Double, _ right: Double
    ) throws(TemplateError) -> TemplateValue {
        switch operation {
        case .add: return .number(left + right)
        case .subtract: return .number(left - right)
        case .multiply: return .number(left * right)
        case .divide:
            guard right != 0 else { throw self.fault("division by zero") }
            return .number(left / right)
        default: throw self.fault("\(operation.rawValue) is not implemented for numbers with a point")
        }
    }

    /// Python's `%` for texts, as far as `%s`, `%d`, `%r` and `%%`.
    mutating func printf(_ format: TemplateText, _ values: [TemplateValue]) throws(TemplateError) -> TemplateText {
        var result: [UInt32] = []
        var next = 0
        var place = 0
        while place < format.count {
            defer { place += 1 }
            guard format[place] == 0x25 else {
                result.append(format.units[place])
                continue
            }
            place += 1
            guard place < format.count else { throw self.fault("incomplete format") }
            let letter = TemplateText.scalar(format.units[place])
            if letter == "%" {
                result.append(format.units[place])
                continue
            }
            guard next < values.count else { throw self.fault("not enough arguments for format string") }
            switch letter {
            case "s": result += values[next].printed.units
            case "d":
                guard let number = values[next].whole else {
                    throw self.fault("%d format: a number is required, not \(values[next].typeName)")
                }
                result += TemplateText("\(number)").units
            default: throw self.fault("%\(letter) is not implemented")
            }
            next += 1
        }
        guard next == values.count else { throw self.fault("not all arguments converted during string formatting") }
        try self.charge(result.count)
        return TemplateText(units: result)
    }
}
