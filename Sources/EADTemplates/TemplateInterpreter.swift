import EADCore

/// Runs the statements of one rendering.
struct TemplateInterpreter {
    /// What was written so far.
    var output = TemplateText("")
    /// The line of the statement at hand, for messages.
    var line = 1
    let date: CalendarDate

    private var steps: Int
    private let longest: Int
    private var depth = 0

    /// Macros and values within each other; deeper ones would overflow the stack.
    private static let deepest = 120

    init(date: CalendarDate, limits: Template.Limits) {
        self.date = date
        self.steps = limits.steps
        self.longest = limits.output
    }

    /// How a run of statements ended.
    enum Flow {
        case end, breakLoop, continueLoop
    }

    func fault(_ message: String, _ code: TemplateError.Code = .failed) -> TemplateError {
        TemplateError(code: code, line: self.line, message: message)
    }

    /// Accounts for work: a step, and more for long texts and lists.
    mutating func charge(_ size: Int = 0) throws(TemplateError) {
        guard size <= self.longest else { throw self.fault("makes more than \(self.longest) characters", .limit) }
        self.steps -= 1 + size / 64
        guard self.steps > 0 else { throw self.fault("takes more steps than a template may", .limit) }
    }

    mutating func deeper<Result>(
        _ body: (inout TemplateInterpreter) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        guard self.depth < Self.deepest else { throw self.fault("goes more than \(Self.deepest) deep", .limit) }
        self.depth += 1
        defer { self.depth -= 1 }
        return try body(&self)
    }

    // MARK: Statements

    mutating func run(_ statements: [TemplateStatement], _ scope: TemplateScope) throws(TemplateError) -> Flow {
        for statement in statements {
            self.line = statement.line
            try self.charge()
            let flow = try self.run(statement, scope)
            if flow != .end { return flow }
        }
        return .end
    }

    private mutating func write(_ text: TemplateText) throws(TemplateError) {
        try self.charge(self.output.count + text.count > self.longest ? self.output.count + text.count : text.count)
        self.output += text
    }

    private mutating func run(_ statement: TemplateStatement, _ scope: TemplateScope) throws(TemplateError) -> Flow {
        switch statement.kind {
        case .text(let text): try self.write(text)
        case .output(let expression): try self.write(self.value(expression, scope).printed)
        case .condition(let branches, let otherwise):
            for (test, body) in branches where try self.value(test, scope).isTrue {
                return try self.deeper { run throws(TemplateError) in try run.run(body, scope) }
            }
            return try self.deeper { run throws(TemplateError) in try run.run(otherwise, scope) }
        case .loop(let target, let items, let filter, let body, let otherwise):
            try self.deeper { run throws(TemplateError) in
                try run.loop(target, run.elements(run.value(items, scope)), filter, body, otherwise, scope)
            }
        case .assign(let target, let expression): try self.assign(target, self.value(expression, scope), scope)
        case .assignBlock(let target, let filters, let body):
            var value = TemplateValue.text(try self.captured(body, TemplateScope(in: scope)))
            if let filters { value = try self.value(filters, scope, filtering: value) }
            try self.assign(target, value, scope)
        case .filterBlock(let filters, let body):
            let text = TemplateValue.text(try self.captured(body, TemplateScope(in: scope)))
            try self.write(self.value(filters, scope, filtering: text).printed)
        case .macro(let name, let parameters, let body):
            scope[name] = .macro(TemplateMacro(name: name, parameters: parameters, body: body, scope: scope))
        case .scope(let body): return try self.run(body, TemplateScope(in: scope))
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        }
        return .end
    }

    /// What statements write, instead of writing it.
    mutating func captured(_ body: [TemplateStatement], _ scope: TemplateScope) throws(TemplateError) -> TemplateText {
        let before = self.output
        self.output = TemplateText("")
        _ = try self.deeper { run throws(TemplateError) in try run.run(body, scope) }
        defer { self.output = before }
        return self.output
    }

    private mutating func loop(
        _ target: TemplateTarget, _ elements: [TemplateValue], _ filter: TemplateExpression?,
        _ body: [TemplateStatement], _ otherwise: [TemplateStatement], _ scope: TemplateScope
    ) throws(TemplateError) {
        var items = elements
        if let filter {
            items = []
            for element in elements {
                let inner = TemplateScope(in: scope)
                try self.assign(target, element, inner)
                if try self.value(filter, inner).isTrue { items.append(element) }
            }
        }
        for (index, item) in items.enumerated() {
            try self.charge()
            let inner = TemplateScope(in: scope)
            inner["loop"] = .loop(TemplateLoop(items: items, index: index))
            try self.assign(target, item, inner)
            if try self.run(body, inner) == .breakLoop { break }
        }
        if items.isEmpty { _ = try self.run(otherwise, TemplateScope(in: scope)) }
    }

    private mutating func assign(
        _ target: TemplateTarget, _ value: TemplateValue, _ scope: TemplateScope
    ) throws(TemplateError) {
        switch target {
        case .name(let name): scope[name] = value
        case .member(let name, let member):
            guard case .namespace(let namespace)? = scope[name] else {
                throw self.fault("'\(name)' is no namespace, and only a namespace has members that can be set")
            }
            namespace.members[member] = value
        case .tuple(let targets):
            let values = try self.elements(value)
            guard values.count == targets.count else {
                throw self.fault("\(values.count) values cannot be set to \(targets.count) names")
            }
            for (target, value) in zip(targets, values) { try self.assign(target, value, scope) }
        }
    }

    // MARK: Macros

    mutating func call(
        _ macro: TemplateMacro, _ positional: [TemplateValue], _ named: [(name: String, value: TemplateValue)]
    ) throws(TemplateError) -> TemplateValue {
        guard positional.count <= macro.parameters.count else {
            throw self.fault("macro '\(macro.name)' takes not more than \(macro.parameters.count) values")
        }
        for (name, _) in named where !macro.parameters.contains(where: { $0.name == name }) {
            throw self.fault("macro '\(macro.name)' takes no value named '\(name)'")
        }
        let scope = TemplateScope(in: macro.scope)
        for (index, parameter) in macro.parameters.enumerated() {
            if index < positional.count {
                scope[parameter.name] = positional[index]
            } else if let value = named.first(where: { $0.name == parameter.name })?.value {
                scope[parameter.name] = value
            } else if let standard = parameter.standard {
                scope[parameter.name] = try self.value(standard, scope)
            } else {
                scope[parameter.name] = .undefined("parameter '\(parameter.name)' was not provided")
            }
        }
        let line = self.line
        let text = try self.captured(macro.body, scope)
        self.line = line
        return .text(text)
    }
}
