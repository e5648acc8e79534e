/// Builds a template's statements from its words; refuses what is not implemented.
struct TemplateParser {
    private let tokens: [TemplateToken]
    private var position = 0
    /// How deep in statements and expressions the word at hand lies.
    private var depth = 0
    private var loops = 0
    private var names: Set<String> = []

    /// Deeper ones are refused before the stack runs out.
    private static let deepest = 60

    private init(_ tokens: [TemplateToken]) { self.tokens = tokens }

    /// The statements, and the names in their expressions.
    static func statements(
        of tokens: [TemplateToken]
    ) throws(TemplateError) -> ([TemplateStatement], names: Set<String>) {
        var parser = TemplateParser(tokens)
        let (statements, end) = try parser.statements(until: [])
        precondition(end == nil, "only the end of the template ends its statements")
        return (statements, parser.names)
    }

    // MARK: Words

    private var token: TemplateToken { self.tokens[self.position] }
    private var kind: TemplateToken.Kind { self.token.kind }

    private func fault(_ message: String) -> TemplateError {
        TemplateError(code: .unreadable, line: self.token.line, message: message)
    }

    private mutating func advance() { if self.kind != .end { self.position += 1 } }

    private mutating func take(_ kind: TemplateToken.Kind) -> Bool {
        guard self.kind == kind else { return false }
        self.advance()
        return true
    }

    private mutating func takeSymbol(_ symbol: String) -> Bool { self.take(.symbol(symbol)) }
    private mutating func takeName(_ name: String) -> Bool { self.take(.name(name)) }

    private func isName(_ name: String, after offset: Int = 0) -> Bool {
        let place = self.position + offset
        return place < self.tokens.count && self.tokens[place].kind == .name(name)
    }

    private mutating func expect(_ kind: TemplateToken.Kind) throws(TemplateError) {
        guard self.take(kind) else {
            let wanted = TemplateToken(kind: kind, line: 0).description
            throw self.fault("\(wanted) should stand where \(self.token.description) is")
        }
    }

    private mutating func expectSymbol(_ symbol: String) throws(TemplateError) { try self.expect(.symbol(symbol)) }

    private mutating func expectName() throws(TemplateError) -> String {
        guard case .name(let name) = self.kind else {
            throw self.fault("a name should stand where \(self.token.description) is")
        }
        self.advance()
        return name
    }

    private mutating func deeper<Result>(
        _ body: (inout TemplateParser) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        guard self.depth < Self.deepest else { throw self.fault("is nested more than \(Self.deepest) deep") }
        self.depth += 1
        defer { self.depth -= 1 }
        return try body(&self)
    }

    // MARK: Statements

    /// The statements up to a tag of one of the names, which is read up to behind its name; nil at the end.
    private mutating func statements(
        until ends: Set<String>
    ) throws(TemplateError) -> ([TemplateStatement], end: String?) {
        var statements: [TemplateStatement] = []
        while true {
            let line = self.token.line
            switch self.kind {
            case .end:
                guard ends.isEmpty else {
                    throw self.fault("the template ends before \(ends.sorted().joined(separator: " or "))")
                }
                return (statements, nil)
            case .text(let text):
                self.advance()
                statements.append(TemplateStatement(line: line, kind: .text(TemplateText(text))))
            case .outputBegin:
                self.advance()
                let expression = try self.tupleOrExpression()
                try self.expect(.outputEnd)
                statements.append(TemplateStatement(line: line, kind: .output(expression)))
            case .blockBegin:
                self.advance()
                let name = try self.expectName()
                if ends.contains(name) { return (statements, name) }
                let kind = try self.deeper { parser throws(TemplateError) in try parser.statement(name) }
                statements.append(TemplateStatement(line: line, kind: kind))
            default: throw self.fault("\(self.token.description) is out of place")
            }
        }
    }

    /// Statements up to the tag of that name, which is read whole.
    private mutating func body(until end: String) throws(TemplateError) -> [TemplateStatement] {
        let (statements, _) = try self.statements(until: [end])
        try self.expect(.blockEnd)
        return statements
    }

    private mutating func statement(_ name: String) throws(TemplateError) -> TemplateStatement.Kind {
        switch name {
        case "if": return try self.condition()
        case "for": return try self.loop()
        case "set": return try self.assignment()
        case "macro": return try self.macro()
        case "filter":
            let filters = try self.filters(of: nil)
            try self.expect(.blockEnd)
            return .filterBlock(filters, try self.body(until: "endfilter"))
        case "generation":
            try self.expect(.blockEnd)
            return .scope(try self.body(until: "endgeneration"))
        case "break", "continue":
            guard self.loops > 0 else { throw self.fault("\(name) stands outside of a loop") }
            try self.expect(.blockEnd)
            return name == "break" ? .breakLoop : .continueLoop
        default: throw self.fault("the tag \(name) is not implemented")
        }
    }

    private mutating func condition() throws(TemplateError) -> TemplateStatement.Kind {
        var branches: [(TemplateExpression, [TemplateStatement])] = []
        while true {
            let test = try self.tupleOrExpression()
            try self.expect(.blockEnd)
            let (body, end) = try self.statements(until: ["elif", "else", "endif"])
            branches.append((test, body))
            if end == "elif" { continue }
            try self.expect(.blockEnd)
            return .condition(branches, otherwise: end == "else" ? try self.body(until: "endif") : [])
        }
    }

    private mutating func loop() throws(TemplateError) -> TemplateStatement.Kind {
        let target = try self.target()
        try self.expect(.name("in"))
        let items = try self.tuple { parser throws(TemplateError) in try parser.disjunction() }
        let filter = self.takeName("if") ? try self.expression() : nil
        try self.expect(.blockEnd)
        self.loops += 1
        let (body, end) = try self.statements(until: ["else", "endfor"])
        self.loops -= 1
        try self.expect(.blockEnd)
        return .loop(
            target, items, filter: filter, body, otherwise: end == "else" ? try self.body(until: "endfor") : [])
    }

    private mutating func assignment() throws(TemplateError) -> TemplateStatement.Kind {
        let target = try self.target()
        if self.takeSymbol("=") {
            let value = try self.tupleOrExpression()
            try self.expect(.blockEnd)
            return .assign(target, value)
        }
        let filters = self.kind == .symbol("|") ? try self.filters(of: nil, afterBar: false) : nil
        try self.expect(.blockEnd)
        return .assignBlock(target, filters: filters, try self.body(until: "endset"))
    }

    private mutating func target() throws(TemplateError) -> TemplateTarget {
        var targets = [try self.singleTarget()]
        var isTuple = false
        while self.takeSymbol(",") {
            isTuple = true
            targets.append(try self.singleTarget())
        }
        return isTuple ? .tuple(targets) : targets[0]
    }

    private mutating func singleTarget() throws(TemplateError) -> TemplateTarget {
        if self.takeSymbol("(") {
            let target = try self.deeper { parser throws(TemplateError) in try parser.target() }
            try self.expectSymbol(")")
            return target
        }
        let name = try self.expectName()
        return self.takeSymbol(".") ? .member(name, try self.expectName()) : .name(name)
    }

    private mutating func macro() throws(TemplateError) -> TemplateStatement.Kind {
        let name = try self.expectName()
        try self.expectSymbol("(")
        var parameters: [(name: String, standard: TemplateExpression?)] = []
        while !self.takeSymbol(")") {
            if !parameters.isEmpty { try self.expectSymbol(",") }
            let parameter = try self.expectName()
            parameters.append((parameter, self.takeSymbol("=") ? try self.expression() : nil))
        }
        try self.expect(.blockEnd)
        let outerLoops = self.loops
        self.loops = 0
        let body = try self.body(until: "endmacro")
        self.loops = outerLoops
        return .macro(name, parameters, body)
    }

    // MARK: Expressions

    private mutating func tupleOrExpression() throws(TemplateError) -> TemplateExpression {
        try self.tuple { parser throws(TemplateError) in try parser.expression() }
    }

    private mutating func tuple(
        _ element: (inout TemplateParser) throws(TemplateError) -> TemplateExpression
    ) throws(TemplateError) -> TemplateExpression {
        let first = try element(&self)
        guard self.kind == .symbol(",") else { return first }
        var elements = [first]
        while self.takeSymbol(",") {
            if self.kind == .blockEnd || self.kind == .outputEnd || self.kind == .symbol(")") { break }
            elements.append(try element(&self))
        }
        return .tuple(elements)
    }

    private mutating func expression() throws(TemplateError) -> TemplateExpression {
        try self.deeper { parser throws(TemplateError) in
            var value = try parser.disjunction()
            while parser.takeName("if") {
                let test = try parser.disjunction()
                value = .choice(value, test, parser.takeName("else") ? try parser.expression() : nil)
            }
            return value
        }
    }

    private mutating func disjunction() throws(TemplateError) -> TemplateExpression {
        var left = try self.conjunction()
        while self.takeName("or") { left = .or(left, try self.conjunction()) }
        return left
    }

    private mutating func conjunction() throws(TemplateError) -> TemplateExpression {
        var left = try self.negation()
        while self.takeName("and") { left = .and(left, try self.negation()) }
        return left
    }

    private mutating func negation() throws(TemplateError) -> TemplateExpression {
        guard self.takeName("not") else { return try self.comparison() }
        return .not(try self.deeper { parser throws(TemplateError) in try parser.negation() })
    }

    private mutating func comparison() throws(TemplateError) -> TemplateExpression {
        let left = try self.sum()
        var others: [(TemplateOperator, TemplateExpression)] = []
        while true {
            if case .symbol(let symbol) = self.kind, ["==", "!=", "<", "<=", ">", ">="].contains(symbol),
                let comparison = TemplateOperator(rawValue: symbol)
            {
                self.advance()
                others.append((comparison, try self.sum()))
            } else if self.takeName("in") {
                others.append((.within, try self.sum()))
            } else if self.isName("not"), self.isName("in", after: 1) {
                self.advance()
                self.advance()
                others.append((.notWithin, try self.sum()))
            } else {
                return others.isEmpty ? left : .compare(left, others)
            }
        }
    }

    private mutating func binary(
        _ operators: [String], _ operand: (inout TemplateParser) throws(TemplateError) -> TemplateExpression
    ) throws(TemplateError) -> TemplateExpression {
        var left = try operand(&self)
        while case .symbol(let symbol) = self.kind, operators.contains(symbol),
            let operation = TemplateOperator(rawValue: symbol)
        {
            self.advance()
            left = .binary(operation, left, try operand(&self))
        }
        return left
    }

    private mutating func sum() throws(TemplateError) -> TemplateExpression {
        try self.binary(["+", "-"]) { parser throws(TemplateError) in
            try parser.binary(["~"]) { parser throws(TemplateError) in
                try parser.binary(["*", "/", "//", "%"]) { parser throws(TemplateError) in
                    try parser.binary(["**"]) { parser throws(TemplateError) in try parser.unary(withFilters: true) }
                }
            }
        }
    }

    private mutating func unary(withFilters: Bool) throws(TemplateError) -> TemplateExpression {
        try self.deeper { parser throws(TemplateError) in
            var value: TemplateExpression
            if parser.takeSymbol("-") {
                value = .negative(try parser.unary(withFilters: false))
            } else if parser.takeSymbol("+") {
                value = try parser.unary(withFilters: false)
            } else {
                value = try parser.primary()
            }
            value = try parser.postfix(value)
            return withFilters ? try parser.filtersAndTests(of: value) : value
        }
    }

    private mutating func primary() throws(TemplateError) -> TemplateExpression {
        let kind = self.kind
        switch kind {
        case .name(let name):
            self.advance()
            switch name {
            case "true", "True": return .constant(.flag(true))
            case "false", "False": return .constant(.flag(false))
            case "none", "None": return .constant(.none)
            default:
                self.names.insert(name)
                return .name(name)
            }
        case .string:
            var text = ""
            while case .string(let part) = self.kind {
                text += part
                self.advance()
            }
            return .constant(.text(text))
        case .integer(let value):
            self.advance()
            return .constant(.integer(value))
        case .number(let value):
            self.advance()
            return .constant(.number(value))
        case .symbol("("): return try self.parenthesis()
        case .symbol("["): return .list(try self.elements("[", "]"))
        case .symbol("{"): return try self.mapping()
        default: throw self.fault("an expression should stand where \(self.token.description) is")
        }
    }

    private mutating func parenthesis() throws(TemplateError) -> TemplateExpression {
        try self.expectSymbol("(")
        if self.takeSymbol(")") { return .tuple([]) }
        let value = try self.tupleOrExpression()
        try self.expectSymbol(")")
        return value
    }

    private mutating func elements(_ open: String, _ close: String) throws(TemplateError) -> [TemplateExpression] {
        try self.expectSymbol(open)
        var elements: [TemplateExpression] = []
        while !self.takeSymbol(close) {
            if !elements.isEmpty {
                try self.expectSymbol(",")
                if self.takeSymbol(close) { break }
            }
            elements.append(try self.expression())
        }
        return elements
    }

    private mutating func mapping() throws(TemplateError) -> TemplateExpression {
        try self.expectSymbol("{")
        var entries: [(key: TemplateExpression, value: TemplateExpression)] = []
        while !self.takeSymbol("}") {
            if !entries.isEmpty {
                try self.expectSymbol(",")
                if self.takeSymbol("}") { break }
            }
            let key = try self.expression()
            try self.expectSymbol(":")
            entries.append((key, try self.expression()))
        }
        return .mapping(entries)
    }

    // MARK: What follows an expression

    private mutating func postfix(_ start: TemplateExpression) throws(TemplateError) -> TemplateExpression {
        var value = start
        while true {
            if self.takeSymbol(".") {
                if case .integer(let index) = self.kind {
                    self.advance()
                    value = .item(value, .constant(.integer(index)))
                } else {
                    value = .member(value, try self.member(of: value))
                }
            } else if self.takeSymbol("[") {
                value = try self.subscripted(value)
            } else if self.kind == .symbol("(") {
                value = .call(value, try self.arguments())
            } else {
                return value
            }
        }
    }

    private mutating func member(of value: TemplateExpression) throws(TemplateError) -> String {
        let line = self.token.line
        let name = try self.expectName()
        func refuse(_ message: String) -> TemplateError {
            TemplateError(code: .unreadable, line: line, message: message)
        }
        if case .name("loop") = value, !TemplateLoop.members.contains(name) {
            throw refuse("loop.\(name) is not implemented")
        }
        if self.kind == .symbol("("), TemplateMethod(rawValue: name) == nil {
            throw refuse("the method \(name) is not implemented")
        }
        return name
    }

    private mutating func subscripted(_ value: TemplateExpression) throws(TemplateError) -> TemplateExpression {
        var parts: [TemplateExpression?] = [nil]
        var isSlice = false
        while !self.takeSymbol("]") {
            if self.takeSymbol(":") {
                isSlice = true
                guard parts.count < 3 else { throw self.fault("a slice has at most three parts") }
                parts.append(nil)
            } else {
                guard parts[parts.count - 1] == nil else { throw self.fault("] should stand here") }
                parts[parts.count - 1] = try self.expression()
            }
        }
        guard isSlice else {
            guard let index = parts[0] else { throw self.fault("a subscript is empty") }
            return .item(value, index)
        }
        return .slice(value, parts[0], parts.count > 1 ? parts[1] : nil, parts.count > 2 ? parts[2] : nil)
    }

    private mutating func arguments() throws(TemplateError) -> TemplateArguments {
        try self.expectSymbol("(")
        var arguments = TemplateArguments()
        var isFirst = true
        while !self.takeSymbol(")") {
            if !isFirst {
                try self.expectSymbol(",")
                if self.takeSymbol(")") { break }
            }
            isFirst = false
            if case .name(let name) = self.kind, self.tokens[self.position + 1].kind == .symbol("=") {
                self.advance()
                self.advance()
                arguments.named.append((name, try self.expression()))
            } else {
                guard arguments.named.isEmpty else { throw self.fault("a value stands behind named values") }
                arguments.positional.append(try self.expression())
            }
        }
        return arguments
    }

    private mutating func filtersAndTests(of start: TemplateExpression) throws(TemplateError) -> TemplateExpression {
        var value = start
        while true {
            if self.kind == .symbol("|") {
                value = try self.filters(of: value, afterBar: false)
            } else if self.takeName("is") {
                value = try self.test(of: value)
            } else if self.kind == .symbol("(") {
                value = .call(value, try self.arguments())
            } else {
                return value
            }
        }
    }

    /// One filter or several, each behind a bar; the first one of a block has none.
    private mutating func filters(
        of start: TemplateExpression?, afterBar: Bool = true
    ) throws(TemplateError) -> TemplateExpression {
        var value = start
        if !afterBar { try self.expectSymbol("|") }
        repeat {
            let line = self.token.line
            let name = try self.expectName()
            guard let filter = TemplateFilter(rawValue: name) else {
                throw TemplateError(code: .unreadable, line: line, message: "the filter \(name) is not implemented")
            }
            let arguments = self.kind == .symbol("(") ? try self.arguments() : TemplateArguments()
            value = .filter(value, filter, arguments)
        } while self.takeSymbol("|")
        guard let value else { preconditionFailure("a filter was read") }
        return value
    }

    private mutating func test(of value: TemplateExpression) throws(TemplateError) -> TemplateExpression {
        let isNegated = self.takeName("not")
        let line = self.token.line
        let name = try self.expectName()
        guard let test = TemplateTest(rawValue: name) else {
            throw TemplateError(code: .unreadable, line: line, message: "the test \(name) is not implemented")
        }
        var arguments: [TemplateExpression] = []
        switch self.kind {
        case .symbol("("): arguments = try self.arguments().positional
        case .name("else"), .name("or"), .name("and"), .name("is"), .name("if"), .name("not"), .name("in"): break
        case .name, .string, .integer, .number, .symbol("["), .symbol("{"):
            arguments = [try self.postfix(self.primary())]
        default: break
        }
        let result = TemplateExpression.test(value, test, arguments)
        return isNegated ? .not(result) : result
    }
}
