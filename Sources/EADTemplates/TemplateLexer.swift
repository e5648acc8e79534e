/// Cuts a template into words, with Jinja's options trim_blocks and lstrip_blocks.
struct TemplateLexer {
    private let source: [Unicode.Scalar]
    private var position = 0
    private var line = 1
    private var tokens: [TemplateToken] = []
    /// Whether what stands before the text at hand ended a line, or nothing does.
    private var startsLine = true

    private init(_ source: String) {
        var scalars: [Unicode.Scalar] = []
        for scalar in source.unicodeScalars {
            if scalar == "\n", scalars.last == "\r" { scalars.removeLast() }
            scalars.append(scalar)
        }
        scalars = scalars.map { $0 == "\r" ? "\n" : $0 }
        // One line end at the end of a file belongs to the file.
        if scalars.last == "\n" { scalars.removeLast() }
        self.source = scalars
    }

    static func tokens(of source: String) throws(TemplateError) -> [TemplateToken] {
        var lexer = TemplateLexer(source)
        while lexer.position < lexer.source.count { try lexer.readTextAndTag() }
        lexer.add(.end)
        return lexer.tokens
    }

    private func fault(_ message: String) -> TemplateError {
        TemplateError(code: .unreadable, line: self.line, message: message)
    }

    private mutating func add(_ kind: TemplateToken.Kind) {
        self.tokens.append(TemplateToken(kind: kind, line: self.line))
    }

    private func character(_ offset: Int = 0) -> Unicode.Scalar? {
        let place = self.position + offset
        return place < self.source.count ? self.source[place] : nil
    }

    private func isAt(_ text: String) -> Bool {
        var place = self.position
        for scalar in text.unicodeScalars {
            guard place < self.source.count, self.source[place] == scalar else { return false }
            place += 1
        }
        return true
    }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count {
            if self.source[self.position] == "\n" { self.line += 1 }
            self.position += 1
        }
    }

    // MARK: Text

    private mutating func readTextAndTag() throws(TemplateError) {
        let start = self.position
        let startLine = self.line
        while self.position < self.source.count, !self.isAt("{{"), !self.isAt("{%"), !self.isAt("{#") { self.advance() }
        var text = self.source[start..<self.position]
        guard self.position < self.source.count else { return self.addText(text, startLine) }
        let kind = self.character(1)
        let sign = self.character(2)
        if sign == "-" {
            while let last = text.last, Self.isSpace(last) { text.removeLast() }
        } else if sign != "+", kind != "{" {
            text = self.withoutIndentation(text)
        }
        self.addText(text, startLine)
        self.advance(sign == "-" || sign == "+" ? 3 : 2)
        switch kind {
        case "#": try self.skipComment()
        case "{": try self.readTag(.outputBegin, .outputEnd, "}}")
        default: try self.readTag(.blockBegin, .blockEnd, "%}")
        }
    }

    private mutating func addText(_ text: ArraySlice<Unicode.Scalar>, _ line: Int) {
        guard !text.isEmpty else { return }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text)
        self.tokens.append(TemplateToken(kind: .text(String(view)), line: line))
    }

    /// Without the white space between the last line end and the tag, if nothing else is there.
    private func withoutIndentation(_ text: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        let lineStart = text.lastIndex(of: "\n").map { $0 + 1 } ?? text.startIndex
        guard lineStart > text.startIndex || self.startsLine, text[lineStart...].allSatisfy(Self.isSpace) else {
            return text
        }
        return text[..<lineStart]
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { TemplateText.isSpace(scalar.value) }

    /// What follows a tag: all white space after a minus, one line end after a block.
    private mutating func skipBehindTag(_ sign: Unicode.Scalar?, followsOutput: Bool) {
        let start = self.position
        if sign == "-" {
            while let next = self.character(), Self.isSpace(next) { self.advance() }
        } else if sign != "+", !followsOutput, self.character() == "\n" {
            self.advance()
        }
        self.startsLine = self.position > start && self.source[self.position - 1] == "\n"
    }

    private mutating func skipComment() throws(TemplateError) {
        while self.position < self.source.count, !self.isAt("#}"), !self.isAt("-#}"), !self.isAt("+#}") {
            self.advance()
        }
        guard self.position < self.source.count else { throw self.fault("a comment is not closed") }
        let sign = self.character()
        self.advance(sign == "#" ? 2 : 3)
        self.skipBehindTag(sign, followsOutput: false)
    }

    // MARK: Tags

    private mutating func readTag(
        _ begin: TemplateToken.Kind, _ end: TemplateToken.Kind, _ closing: String
    ) throws(TemplateError) {
        self.add(begin)
        var open = 0
        while true {
            while let next = self.character(), Self.isSpace(next) { self.advance() }
            guard let next = self.character() else { throw self.fault("a tag is not closed") }
            if open == 0 {
                let isSigned = (next == "-" || next == "+" && begin == .blockBegin) && self.isSignedEnd(closing)
                if isSigned || self.isAt(closing) {
                    self.add(end)
                    self.advance(isSigned ? 3 : 2)
                    return self.skipBehindTag(isSigned ? next : nil, followsOutput: begin == .outputBegin)
                }
            }
            switch next {
            case "(", "[", "{": open += 1
            case ")", "]", "}":
                open -= 1
                guard open >= 0 else { throw self.fault("'\(next)' closes nothing") }
            default: break
            }
            try self.readWord(next)
        }
    }

    private func isSignedEnd(_ closing: String) -> Bool {
        guard self.position + 3 <= self.source.count else { return false }
        return self.source[self.position + 1..<self.position + 3].elementsEqual(closing.unicodeScalars)
    }

    private mutating func readWord(_ first: Unicode.Scalar) throws(TemplateError) {
        if first == "'" || first == "\"" { return try self.readString(first) }
        if ("0"..."9").contains(first) { return try self.readNumber() }
        if first == "_" || first.properties.isXIDStart {
            var name = String.UnicodeScalarView()
            while let next = self.character(), next == "_" || next.properties.isXIDContinue {
                name.append(next)
                self.advance()
            }
            return self.add(.name(String(name)))
        }
        let symbols = [
            "**", "//", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", ">", "<", "=", ".", ":", "|", ",", "(",
            ")", "[", "]", "{", "}",
        ]
        guard let symbol = symbols.first(where: { self.isAt($0) }) else {
            throw self.fault("'\(first)' is no part of an expression")
        }
        self.add(.symbol(symbol))
        self.advance(symbol.unicodeScalars.count)
    }

    private mutating func readNumber() throws(TemplateError) {
        var digits = ""
        var isWhole = true
        func isDigit(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { ("0"..."9").contains($0) } ?? false }
        while let next = self.character() {
            if next == ".", isWhole, isDigit(self.character(1)) {
                isWhole = false
            } else if !isDigit(next), !(next == "_" && isDigit(self.character(1))) {
                break
            }
            if next != "_" { digits.unicodeScalars.append(next) }
            self.advance()
        }
        if self.character() == "e" || self.character() == "E" {
            let isSigned = self.character(1) == "+" || self.character(1) == "-"
            if isDigit(self.character(isSigned ? 2 : 1)) {
                isWhole = false
                repeat {
                    digits.unicodeScalars.append(self.source[self.position])
                    self.advance()
                } while isDigit(self.character()) || digits.last == "e" || digits.last == "E"
            }
        }
        if isWhole, let value = Int(digits) {
            self.add(.integer(value))
        } else if !isWhole, let value = Double(digits) {
            self.add(.number(value))
        } else {
            throw self.fault("\(digits) is too large")
        }
    }

    private mutating func readString(_ quote: Unicode.Scalar) throws(TemplateError) {
        let token = TemplateToken(kind: .end, line: self.line)
        self.advance()
        var text = String.UnicodeScalarView()
        while let next = self.character(), next != quote {
            self.advance()
            guard next == "\\" else {
                text.append(next)
                continue
            }
            guard let letter = self.character() else { break }
            self.advance()
            try self.appendEscape(letter, to: &text)
        }
        guard self.character() == quote else { throw self.fault("a string is not closed") }
        self.advance()
        self.tokens.append(TemplateToken(kind: .string(String(text)), line: token.line))
    }

    private mutating func appendEscape(
        _ letter: Unicode.Scalar, to text: inout String.UnicodeScalarView
    ) throws(TemplateError) {
        let simple: [Unicode.Scalar: Unicode.Scalar] = [
            "n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", "\"": "\"", "a": "\u{7}", "b": "\u{8}", "f": "\u{C}",
            "v": "\u{B}", "0": "\0",
        ]
        if letter == "\n" { return }
        if let scalar = simple[letter] {
            text.append(scalar)
        } else if let width = ["x": 2, "u": 4, "U": 8][letter] {
            var digits = String.UnicodeScalarView()
            for _ in 0..<width {
                guard let next = self.character() else { break }
                digits.append(next)
                self.advance()
            }
            guard let value = UInt32(String(digits), radix: 16), let scalar = Unicode.Scalar(value) else {
                throw self.fault("\\\(letter)\(String(digits)) is no character")
            }
            text.append(scalar)
        } else {
            text.append("\\")
            text.append(letter)
        }
    }
}
