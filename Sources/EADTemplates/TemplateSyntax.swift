/// An expression of a template.
indirect enum TemplateExpression: Sendable {
    case constant(TemplateValue)
    case name(String)
    case list([TemplateExpression])
    case tuple([TemplateExpression])
    case mapping([(key: TemplateExpression, value: TemplateExpression)])
    case member(TemplateExpression, String)
    case item(TemplateExpression, TemplateExpression)
    case slice(TemplateExpression, TemplateExpression?, TemplateExpression?, TemplateExpression?)
    case call(TemplateExpression, TemplateArguments)
    case filter(TemplateExpression?, TemplateFilter, TemplateArguments)
    case test(TemplateExpression, TemplateTest, [TemplateExpression])
    case not(TemplateExpression)
    case negative(TemplateExpression)
    case and(TemplateExpression, TemplateExpression)
    case or(TemplateExpression, TemplateExpression)
    case compare(TemplateExpression, [(TemplateOperator, TemplateExpression)])
    case binary(TemplateOperator, TemplateExpression, TemplateExpression)
    /// What comes between two conditions: `value if condition else other`.
    case choice(TemplateExpression, TemplateExpression, TemplateExpression?)
}

/// What a call is given.
struct TemplateArguments: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []
}

enum TemplateOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case power = "**"
    case concatenate = "~"
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case within = "in"
    case notWithin = "not in"
}

/// What a value is assigned to.
indirect enum TemplateTarget: Sendable {
    case name(String)
    case member(String, String)
    case tuple([TemplateTarget])
}

/// A statement of a template, with the line it begins in.
struct TemplateStatement: Sendable {
    indirect enum Kind: Sendable {
        case text(TemplateText)
        case output(TemplateExpression)
        case condition([(TemplateExpression, [TemplateStatement])], otherwise: [TemplateStatement])
        case loop(
            TemplateTarget, TemplateExpression, filter: TemplateExpression?, [TemplateStatement],
            otherwise: [TemplateStatement])
        case assign(TemplateTarget, TemplateExpression)
        /// The filters take the place of the text they are given as `TemplateExpression.filter(nil, ...)`.
        case assignBlock(TemplateTarget, filters: TemplateExpression?, [TemplateStatement])
        case filterBlock(TemplateExpression, [TemplateStatement])
        case macro(String, [(name: String, standard: TemplateExpression?)], [TemplateStatement])
        case scope([TemplateStatement])
        case breakLoop
        case continueLoop
    }

    let line: Int
    let kind: Kind
}
