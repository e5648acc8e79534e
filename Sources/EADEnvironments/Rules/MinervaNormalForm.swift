/// An answer in the form in which Minerva's scorer compares it (Lewkowycz et al. 2022, appendix D.1), as DAPO uses it.
///
/// It drops articles, units, spaces and LaTeX that only formats, keeps what follows the last `=`, and compares texts.
enum MinervaNormalForm {
    static func of(_ original: ScalarText) -> ScalarText {
        let sides = original.split("=")
        var text = sides[sides.count - 1]
        for (part, replacement) in self.replacements { text.replace(part, with: replacement) }
        for part in self.removed { text.replace(part) }
        // What the first two dollar signs enclose.
        let formulas = text.split("$")
        if formulas.count > 2 { text = formulas[1] }
        for command in [#"\text{"#, #"\textbf{"#, #"\overline{"#] { text = self.unwrapped(text, command) }
        if let start = text.first(#"\boxed{"#), let end = text.last("}"), end > start {
            var content = text[0..<start]
            content.append(text[(start + 7)..<end])
            content.append(text[(end + 1)..<text.count])
            text = content
        }
        text = self.braced(text, "frac", arguments: 2)
        text = self.braced(text, "sqrt", arguments: 1)
        text.replace("$")
        var digits = text
        digits.replace(",")
        if !digits.isEmpty, digits.scalars.allSatisfy(self.isDigit) { text = digits }
        return text.trimmed
    }

    private static let replacements = [
        ("an ", ""), ("a ", ""), (".$", "$"), (#"\$"#, ""), (#"\ "#, ""), (" ", ""), ("mbox", "text"),
        (#",\text{and}"#, ","), (#"\text{and}"#, ","), (#"\text{m}"#, #"\text{}"#),
    ]

    /// In this order.
    private static let removed = [
        "square", "ways", "integers", "dollars", "mph", "inches", "hours", "km", "units", #"\ldots"#, "sue", "points",
        "feet", "minutes", "digits", "cents", "degrees", "cm", "gm", "pounds", "meters", "meals", "edges", "students",
        "childrentickets", "multiples", #"\text{s}"#, #"\text{.}"#, "\\text{\ns}", #"\text{}^2"#, #"\text{}^3"#,
        "\\text{\n}", #"\text{}"#, #"\mathrm{th}"#, #"^\circ"#, #"^{\circ}"#, #"\;"#, #",\!"#, "{,}", "\"", #"\dots"#,
    ]

    /// Drops each command and the next closing brace, and keeps what is between them.
    private static func unwrapped(_ text: ScalarText, _ command: String) -> ScalarText {
        var result = ScalarText("")
        var index = 0
        while let start = text.first(command, from: index), let end = text.first("}", from: start + command.count) {
            result.append(text[index..<start])
            result.append(text[(start + command.count)..<end])
            index = end + 1
        }
        result.append(text[index..<text.count])
        return result
    }

    /// Puts braces around the arguments of one character that follow a command without them.
    private static func braced(_ text: ScalarText, _ command: String, arguments: Int) -> ScalarText {
        let name = Array(command.unicodeScalars)
        var result = ScalarText("")
        var index = 0
        while index < text.count {
            let first = index + name.count
            if text.has(name, at: index), first + arguments <= text.count, text.scalars[first] != "{" {
                result.append(command)
                for argument in text.scalars[first..<(first + arguments)] { result.append("{\(argument)}") }
                index = first + arguments
            } else {
                result.append(text.scalars[index])
                index += 1
            }
        }
        return result
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        [.decimal, .digit].contains(scalar.properties.numericType)
    }
}
