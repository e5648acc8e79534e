/// The text of an answer without what only formats it: dollar signs, emphasis, spaces of TeX, a full stop.
struct MathText {
    private(set) var scalars: ArraySlice<Unicode.Scalar>

    init(_ content: ScalarText) {
        var text = content
        // A sheath within a sheath, such as **$\boxed{42}$**.
        for _ in 0..<4 {
            let inner = Self.unwrapped(text)
            if inner.count == text.count { break }
            text = inner
        }
        for (part, replacement) in Self.replacements { text.replace(part, with: replacement) }
        for command in Self.unwrappedCommands { text = Self.spaced(text, command) }
        self.scalars = Self.trimmed(text.scalars[...])
    }

    private init(_ scalars: ArraySlice<Unicode.Scalar>) { self.scalars = Self.trimmed(scalars) }

    private static let replacements = [
        (#"\!"#, ""), (#"\,"#, " "), (#"\;"#, " "), (#"\:"#, " "), (#"\ "#, " "), ("~", " "), ("\u{A0}", " "),
        ("\u{2009}", " "), ("\u{202F}", " "), (#"\left("#, "("), (#"\left["#, "["), (#"\right)"#, ")"),
        (#"\right]"#, "]"), ("dfrac", "frac"), ("tfrac", "frac"), (#"\$"#, "$"), (#"\%"#, "%"),
        (#"^{\circ}"#, "\u{B0}"), (#"^\circ"#, "\u{B0}"), ("\u{2212}", "-"), ("\u{2013}", "-"), ("{,}", ","),
    ]

    private static let unwrappedCommands = [
        #"\text{"#, #"\textbf{"#, #"\textrm{"#, #"\mathrm{"#, #"\mathbf{"#, #"\mbox{"#,
    ]

    /// One sheath less, and no emphasis, quotation or full stop at the ends.
    private static func unwrapped(_ text: ScalarText) -> ScalarText {
        var scalars = Self.trimmed(text.scalars[...])
        while let first = scalars.first, "*`\"".unicodeScalars.contains(first) { scalars = scalars.dropFirst() }
        while let last = scalars.last, "*`\",;".unicodeScalars.contains(last) { scalars = scalars.dropLast() }
        scalars = Self.trimmed(scalars)
        if scalars.last == ".", scalars.dropLast().last != "." { scalars = Self.trimmed(scalars.dropLast()) }
        let result = ScalarText(scalars)
        let formula = ScalarText(AnswerSheath.removed(from: result.string))
        if formula.count < result.count { return formula }
        for command in ["text", "textbf", "mathbf", "mathrm", "bm", "boldsymbol"] {
            let opening = "\\\(command){"
            if result.first(opening) == 0, let closed = result.closedBraces(from: 0), closed.upperBound == result.count
            {
                return result[opening.unicodeScalars.count..<(result.count - 1)]
            }
        }
        return result
    }

    /// Puts blanks in the place of a command and its brace.
    private static func spaced(_ text: ScalarText, _ command: String) -> ScalarText {
        let pieces = text.split(command)
        return pieces.dropFirst().reduce(into: pieces[0]) { result, piece in
            result.append(" ")
            guard let end = piece.first("}") else { return result.append(piece) }
            result.append(piece[0..<end])
            result.append(" ")
            result.append(piece[(end + 1)..<piece.count])
        }
    }

    private static func trimmed(_ scalars: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return [] }
        return scalars[first...last]
    }

    /// Removes `x =` in front and returns the x; a lone `=` is removed too.
    mutating func takeVariable() -> String {
        guard let sign = self.scalars.firstIndex(of: "=") else { return "" }
        let name = Self.trimmed(self.scalars[..<sign])
        let isName =
            name.isEmpty
            || name.first.map { $0.properties.isAlphabetic } ?? false
                && name.dropFirst().allSatisfy { $0.isDigit || "_{}'".unicodeScalars.contains($0) }
        let rest = Self.trimmed(self.scalars[(sign + 1)...])
        guard isName, !rest.isEmpty else { return "" }
        self.scalars = rest
        return String(String.UnicodeScalarView(name.filter { $0 != "{" && $0 != "}" }))
    }

    /// The parts between the commas outside of all brackets, and the brackets around them.
    var list: (brackets: String, parts: [MathText]) {
        var inner = self.scalars
        var brackets = ""
        if let first = inner.first, let last = inner.last, inner.count > 2, "([".unicodeScalars.contains(first),
            ")]".unicodeScalars.contains(last), Self.isOneBracket(inner)
        {
            brackets = "\(first)\(last)"
            inner = inner.dropFirst().dropLast()
        }
        var parts: [MathText] = []
        var depth = 0
        var start = inner.startIndex
        for index in inner.indices {
            switch inner[index] {
            case "(", "[", "{": depth += 1
            case ")", "]", "}": depth -= 1
            case "," where depth == 0:
                parts.append(MathText(inner[start..<index]))
                start = index + 1
            default: break
            }
        }
        parts.append(MathText(inner[start...]))
        guard parts.count > 1, parts.allSatisfy({ !$0.scalars.isEmpty }) else { return ("", [self]) }
        return (brackets, parts)
    }

    /// Whether the bracket that opens the text is closed at its end only.
    private static func isOneBracket(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
        var depth = 0
        for index in scalars.indices {
            if "([{".unicodeScalars.contains(scalars[index]) { depth += 1 }
            if scalars[index].isClosing { depth -= 1 }
            if depth == 0 { return index == scalars.endIndex - 1 }
        }
        return false
    }

    /// For the comparison of texts: MATH's normal form, in which braces around one character are left out.
    var normalForm: ScalarText {
        let form = MATHNormalForm(ScalarText(self.scalars)).text.scalars
        var result: [Unicode.Scalar] = []
        var index = 0
        while index < form.count {
            if form[index] == "{", index + 2 < form.count, form[index + 2] == "}", form[index + 1] != "{" {
                result.append(form[index + 1])
                index += 3
            } else {
                result.append(form[index])
                index += 1
            }
        }
        return ScalarText(result)
    }
}
