/// What stands before a number on its line: whether the number begins there, and its sign.
///
/// The walk goes left from the number over what changes no value (currency, emphasis, brackets, commands of TeX that only
/// format) until something separates or binds.
struct LeftContext {
    enum Sign: Hashable, Sendable {
        case plus, minus
    }

    /// Nil when the number is the tail of a longer expression.
    private(set) var sign: Sign?

    private let scalars: [Unicode.Scalar]
    /// What is looked at next.
    private var index: Int
    /// The sign found so far.
    private var found: Sign?
    /// Whether a blank stood between the sign and the number.
    private var signIsApart = false
    /// Whether a blank stands between what is looked at and what was looked at before.
    private var isApart = false
    private var isBracketed = false
    private var followsCurrency = false
    /// Whether the digits may be the last three of a number written with blanks, such as 12 345.
    private let mayBeGroup: Bool

    private enum Step {
        case goOn
        case begins
        case binds
    }

    init(_ scalars: [Unicode.Scalar], before start: Int, value: DecimalNumber) {
        self.scalars = scalars
        self.index = start - 1
        let digits = scalars[start...].prefix(while: \.isDigit).count
        self.mayBeGroup = digits == 3
        while true {
            switch self.step() {
            case .goOn: continue
            case .begins: self.sign = self.found ?? .plus
            case .binds: self.sign = nil
            }
            return
        }
    }

    private func at(_ index: Int) -> Unicode.Scalar? { index >= 0 ? self.scalars[index] : nil }

    /// What stands before `index`, blanks left out, on the same line.
    private func beforeBlanks(_ index: Int) -> Unicode.Scalar? {
        var index = index - 1
        while let scalar = self.at(index), scalar.isBlank { index -= 1 }
        return self.at(index).flatMap { $0.isLineEnd ? nil : $0 }
    }

    private mutating func pass(_ count: Int = 1) -> Step {
        self.index -= count
        self.isApart = false
        return .goOn
    }

    private mutating func passBlank(_ count: Int = 1) -> Step {
        self.index -= count
        self.isApart = true
        return .goOn
    }

    private mutating func step() -> Step {
        guard let scalar = self.at(self.index), !scalar.isLineEnd else { return .begins }
        let previous = self.at(self.index - 1)
        defer { if !scalar.isBlank { self.followsCurrency = scalar.isCurrency } }
        if scalar.isBlank { return self.passBlank() }
        if previous == "\\", ",;:! ".unicodeScalars.contains(scalar) { return self.passBlank(2) }
        if scalar.isCurrency { return self.pass(previous == "\\" ? 2 : 1) }
        if scalar.isMinus { return self.take(.minus) }
        if scalar.isWordLetter { return self.word() }
        if scalar.isDigit || scalar.properties.numericType != nil { return self.operand() }
        switch scalar {
        case "+": return self.take(.plus)
        case "(", "[", "{": return self.opening(scalar, after: previous)
        case ")", "]", "}": return self.isApart && self.found == nil ? .begins : .binds
        case "*", "_", "`", "\"", "'", "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}", "#":
            return self.emphasis(scalar)
        case "=":
            return previous.map { "!<>/~\\".unicodeScalars.contains($0) } ?? false ? .binds : .begins
        case ":": return self.colon(after: previous)
        case ">": return previous.map { $0.isMinus || $0 == "=" } ?? false ? .begins : .binds
        case "~": return self.beforeBlanks(self.index)?.isDigit ?? false ? .binds : .begins
        case "!": return (self.isApart || self.found == nil) && !(previous?.isDigit ?? false) ? .begins : .binds
        case ".", "\u{2026}", "|", "%", "\u{2014}", "\u{2015}": return self.isApart && scalar != "%" ? .begins : .binds
        case "\\": return previous == "\\" ? .begins : self.isApart ? self.passBlank() : .binds
        case "\u{2192}", "\u{21D2}", "\u{27F6}", "\u{27F9}", "\u{279C}", "\u{2248}", "\u{2234}": return .begins
        case "/", "^", "@", "\u{B7}", "\u{2044}", "\u{2215}": return .binds
        default:
            return scalar.properties.generalCategory == .mathSymbol || Unit.ideographs.contains(scalar)
                ? .binds : .begins
        }
    }

    private mutating func take(_ sign: Sign) -> Step {
        guard self.found == nil, !self.isBracketed else { return .binds }
        self.found = sign
        self.signIsApart = self.isApart
        return self.pass()
    }

    /// A digit or a figure of another kind.
    private func operand() -> Step {
        guard self.isApart, self.found == nil else { return .binds }
        var first = self.index
        while self.at(first)?.isDigit ?? false { first -= 1 }
        let isGroup = self.mayBeGroup && !self.isBracketed && (1...3).contains(self.index - first)
        return isGroup ? .binds : .begins
    }

    private mutating func opening(_ scalar: Unicode.Scalar, after previous: Unicode.Scalar?) -> Step {
        if previous == "\\", scalar != "{" { return .begins }
        self.isBracketed = true
        guard let previous, previous.isOperandEnd || previous == "^" || previous == "_" else { return self.pass() }
        guard previous.isWordLetter, let command = self.command(endingAt: self.index - 1) else { return .binds }
        if scalar == "{", TeXCommand.boxes.contains(command.name) { return .begins }
        guard TeXCommand.formatting.contains(command.name) else { return .binds }
        self.index = command.start
        return self.pass()
    }

    /// The command whose name's last letter stands at `end`, and where its backslash is.
    private func command(endingAt end: Int) -> (name: String, start: Int)? {
        let start = self.wordStart(endingAt: end)
        guard self.at(start - 1) == "\\" else { return nil }
        return (self.text(start...end), start - 1)
    }

    private func wordStart(endingAt end: Int) -> Int {
        var start = end
        while self.at(start - 1)?.isWordLetter ?? false { start -= 1 }
        return start
    }

    private func text(_ range: ClosedRange<Int>) -> String {
        String(String.UnicodeScalarView(self.scalars[range]))
    }

    private mutating func word() -> Step {
        if let command = self.command(endingAt: self.index) {
            if TeXCommand.separating.contains(command.name) || TeXCommand.boxes.contains(command.name) {
                return .begins
            }
            guard TeXCommand.formatting.contains(command.name) else { return .binds }
            self.index = command.start
            return self.passBlank()
        }
        let start = self.wordStart(endingAt: self.index)
        guard self.isApart else { return self.followsCurrency && self.found == nil ? .begins : .binds }
        if self.found != nil, self.signIsApart || start == self.index { return .binds }
        let before = self.beforeBlanks(start)
        switch self.text(start...self.index).lowercased() {
        case "plus", "minus", "negative", "times", "mod", "modulo", "squared": return .binds
        case "by": return before?.isWordLetter ?? false && self.followsDivision(start) ? .binds : .begins
        case "to", "x", "over", "and": return self.bindsBetweenNumbers(start) ? .binds : .begins
        default: return .begins
        }
    }

    /// Whether "divided" or "multiplied" stands before the word that begins at `start`.
    private func followsDivision(_ start: Int) -> Bool {
        var end = start - 1
        while self.at(end)?.isBlank ?? false { end -= 1 }
        return ["divided", "multiplied"].contains(self.text(self.wordStart(endingAt: end)...end).lowercased())
    }

    /// Whether the word that begins at `start` makes one thing of two numbers: 3 to 7, 3 x 7, 3 over 7.
    private func bindsBetweenNumbers(_ start: Int) -> Bool {
        guard self.text(start...self.index).lowercased() != "and" else { return false }
        return self.beforeBlanks(start).map { $0.isDigit || $0.isClosing } ?? false
    }

    /// Marks of emphasis and quotation; a lone `*` between blanks multiplies, unless it begins its line.
    private mutating func emphasis(_ scalar: Unicode.Scalar) -> Step {
        var first = self.index
        while self.at(first - 1) == scalar { first -= 1 }
        let before = self.at(first - 1)
        if before.map({ $0.isOperandEnd }) ?? false { return .binds }
        if self.isApart, scalar == "*" || scalar == "_", let left = self.beforeBlanks(first), left != "=", left != ":" {
            return .binds
        }
        self.index = first
        return self.pass()
    }

    private func colon(after previous: Unicode.Scalar?) -> Step {
        if !self.isApart { return previous?.isDigit ?? false ? .binds : .begins }
        return previous?.isBlank ?? false && self.beforeBlanks(self.index)?.isDigit ?? false ? .binds : .begins
    }
}
