/// What stands after a number on its line: whether the number ends there or goes on as a longer expression.
struct RightContext {
    /// False when the number is the head of a longer expression.
    private(set) var isHarmless = true

    private let scalars: [Unicode.Scalar]
    private let end: Int

    init(_ scalars: [Unicode.Scalar], after end: Int) {
        self.scalars = scalars
        self.end = end
        self.isHarmless = self.look()
    }

    private func at(_ index: Int) -> Unicode.Scalar? { index < self.scalars.count ? self.scalars[index] : nil }

    private func look() -> Bool {
        var index = self.end
        let hasUnit = self.at(index - 1)?.isWordLetter ?? false
        var hasParenthesis = false
        while self.at(index)?.properties.generalCategory == .nonspacingMark { index += 1 }
        if hasUnit, let raised = self.at(index), "\u{B2}\u{B3}".unicodeScalars.contains(raised) { index += 1 }
        while let scalar = self.at(index), !scalar.isLineEnd {
            let next = self.at(index + 1)
            if scalar.isBlank { return self.lookBeyondBlanks(index, afterUnit: hasUnit) }
            if scalar.isMinus { return !(next?.isOperandStart ?? false) }
            if scalar.isCurrency {
                index += 1
                continue
            }
            if scalar.isWordLetter { return !hasParenthesis }
            switch scalar {
            case "%", "\u{B0}", "\u{2032}", "\u{2033}", "\"", "'", "`", "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}":
                index += 1
            case ")", "]", "}":
                hasParenthesis = hasParenthesis || scalar == ")"
                index += 1
            case "*", "_":
                while self.at(index) == scalar { index += 1 }
                if self.at(index)?.isOperandStart ?? false { return false }
            case "\\":
                guard let after = self.after(commandAt: index) else { return false }
                if after.isEnd { return true }
                index = after.index
            case "^": return self.isDegree(after: index)
            case ".", ",", ";", ":", "?", "!", "=", "[", "#", "&", "|", "\u{2014}", "\u{2026}", "\u{2192}", "\u{21D2}":
                return true
            case "/": return hasUnit || self.wordLength(from: index + 1) > 1
            case "~": return !(next?.isOperandStart ?? false)
            case "(", "{", "@", "\u{B7}", "\u{2044}": return false
            default: return self.isHarmlessSymbol(scalar)
            }
        }
        return true
    }

    private func isHarmlessSymbol(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory != .mathSymbol && scalar.properties.numericType == nil
            && !Unit.ideographs.contains(scalar)
    }

    /// What follows the command of TeX at `index`: nil if it goes on with the number.
    private func after(commandAt index: Int) -> (index: Int, isEnd: Bool)? {
        guard let next = self.at(index + 1) else { return (index, true) }
        if next.isCurrency || next == "%" || next == ")" || next == "]" || next == "!" { return (index + 2, false) }
        let length = self.wordLength(from: index + 1)
        guard length > 0 else { return self.lookBeyondBlanks(index + 1, afterUnit: false) ? (index, true) : nil }
        let name = String(String.UnicodeScalarView(self.scalars[(index + 1)..<(index + 1 + length)]))
        if name == "right" { return (index + 1 + length, false) }
        if TeXCommand.units.contains(name) {
            guard self.at(index + 1 + length) == "{" else { return (index, true) }
            return self.lookBeyondBlanks(index + 1 + length, afterUnit: false) ? (index, true) : nil
        }
        let isKnown = TeXCommand.formatting.contains(name) || TeXCommand.separating.contains(name)
        return isKnown || TeXCommand.boxes.contains(name) ? (index, true) : nil
    }

    private func wordLength(from start: Int) -> Int {
        self.scalars[min(start, self.scalars.count)...].prefix(while: \.isWordLetter).count
    }

    private func isDegree(after index: Int) -> Bool {
        let rest = self.scalars[(index + 1)...].prefix(6)
        return rest.starts(with: "\\circ".unicodeScalars) || rest.starts(with: "{\\circ".unicodeScalars)
            || rest.starts(with: "\u{B0}".unicodeScalars)
    }

    /// What comes after the blanks (and one bracket of a command) from `start` on.
    private func lookBeyondBlanks(_ start: Int, afterUnit: Bool) -> Bool {
        func skippingBlanks(_ index: Int) -> Int {
            var index = index
            while self.at(index)?.isBlank ?? false { index += 1 }
            return index
        }
        let index = skippingBlanks(start + 1)
        guard let scalar = self.at(index), !scalar.isLineEnd else { return true }
        let next = self.at(index + 1)
        if scalar.isMinus {
            let operand = skippingBlanks(index + 1)
            return !(self.at(operand).map { "(\\".unicodeScalars.contains($0) } ?? false)
                && self.wordLength(from: operand) != 1
        }
        let length = self.wordLength(from: index)
        if length > 0 { return afterUnit || !self.scales(index, length) }
        switch scalar {
        case "*": return next.map { !$0.isBlank } ?? true
        case "+", "/", "^", "<", ">", "\u{B7}", "\u{2044}": return false
        case "\\": return self.after(commandAt: index) != nil
        case "=", "|", "\u{2192}", "\u{21D2}", "\u{2248}", "~": return true
        default: return self.isHarmlessSymbol(scalar)
        }
    }

    /// Whether the words at `index` change the value of the number before them.
    private func scales(_ index: Int, _ length: Int) -> Bool {
        func word(_ index: Int, _ length: Int) -> String {
            String(String.UnicodeScalarView(self.scalars[index..<(index + length)]))
        }
        let first = word(index, length)
        if Unit.scales.contains(first) || Unit.scales.contains(first.lowercased()) && length > 1 { return true }
        let rest = String(String.UnicodeScalarView(self.scalars[index...].prefix(16))).lowercased()
        return ["and a half", "and a third", "and a quarter", "and one half"].contains { rest.hasPrefix($0) }
    }
}
