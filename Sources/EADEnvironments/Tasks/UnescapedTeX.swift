/// Commands of TeX whose backslash JSON took for an escape: `"\frac"` in a file is a form feed and `rac`.
enum UnescapedTeX {
    /// The command that the writer meant; nil if the text holds none.
    ///
    /// A form feed and a backspace are never meant. After the other characters the rest of a command must follow.
    static func command(in text: String) -> String? {
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            guard let letter = self.letters[scalar] else { continue }
            let rest = String(
                String.UnicodeScalarView(scalars[(index + 1)...].prefix { $0.isASCII && $0.properties.isAlphabetic }))
            let name = "\(letter)\(rest)"
            if letter == "f" || letter == "b" || self.commands.contains(name) { return name }
        }
        return nil
    }

    private static let letters: [Unicode.Scalar: Character] = [
        "\u{8}": "b", "\u{C}": "f", "\n": "n", "\r": "r", "\t": "t",
    ]

    private static let commands: Set<String> = [
        "times", "text", "textbf", "textit", "textrm", "texttt", "tfrac", "theta", "tau", "tan", "tanh", "tilde", "top",
        "to", "triangle", "therefore", "neq", "ne", "nu", "nabla", "not", "notin", "neg", "ni", "rho", "right",
        "rightarrow", "rangle", "rfloor", "rceil", "rm", "rvert",
    ]
}
