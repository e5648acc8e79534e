extension TemplateInterpreter {
    mutating func passes(
        _ value: TemplateValue, _ test: TemplateTest, _ arguments: [TemplateValue]
    ) throws(TemplateError) -> Bool {
        guard arguments.count == test.argumentCount else {
            throw self.fault("the test \(test.rawValue) takes \(test.argumentCount) values, not \(arguments.count)")
        }
        func whole() throws(TemplateError) -> Int {
            guard let whole = value.whole else { throw self.fault("a \(value.typeName) is neither odd nor even") }
            return whole
        }
        switch test {
        case .defined: return !value.isUndefined
        case .undefined: return value.isUndefined
        case .none: if case .none = value { return true } else { return false }
        case .string: if case .text = value { return true } else { return false }
        case .mapping: if case .mapping = value { return true } else { return false }
        case .boolean: if case .flag = value { return true } else { return false }
        case .number: return value.real != nil
        case .integer: if case .integer = value { return true } else { return false }
        case .float: if case .number = value { return true } else { return false }
        case .true: if case .flag(true) = value { return true } else { return false }
        case .false: if case .flag(false) = value { return true } else { return false }
        case .iterable, .sequence:
            switch value {
            case .undefined, .text, .list, .tuple, .mapping: return true
            case .loop, .generator: return test == .iterable
            default: return false
            }
        case .callable:
            switch value {
            case .macro, .function, .method: return true
            default: return false
            }
        case .odd: return try whole() % 2 != 0
        case .even: return try whole() % 2 == 0
        case .divisibleby:
            guard let divisor = arguments[0].whole, divisor != 0 else { throw self.fault("nothing is divisible by it") }
            return try whole() % divisor == 0
        case .in: return try self.holds(.within, value, arguments[0])
        case .eq, .equalto, .sameas: return TemplateValue.areEqual(value, arguments[0])
        case .ne: return !TemplateValue.areEqual(value, arguments[0])
        case .lt: return try self.holds(.less, value, arguments[0])
        case .le: return try self.holds(.lessOrEqual, value, arguments[0])
        case .gt: return try self.holds(.greater, value, arguments[0])
        case .ge: return try self.holds(.greaterOrEqual, value, arguments[0])
        case .lower:
            let text = value.printed
            return text == text.lowercased()
        case .upper:
            let text = value.printed
            return text == text.uppercased()
        }
    }
}
