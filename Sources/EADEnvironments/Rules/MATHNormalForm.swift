/// An answer of the MATH data set (Hendrycks et al. 2021) in the form in which the published scorer compares it.
///
/// It is a comparison of texts: 1/2 and 0.5 are equal, 1/2 and 0.50 are not.
struct MATHNormalForm {
    /// The normal form, or the text as it was if it has none.
    let text: ScalarText
    private let original: ScalarText
    /// False if a command lacks its argument or two units follow: the published scorer gives up on these.
    private let isNormal: Bool

    init(_ original: ScalarText) {
        self.original = original
        let normal = Self.normalised(original)
        self.text = normal ?? original
        self.isNormal = normal != nil
    }

    /// Whether the normal forms are equal; if one of the two has none, whether the texts are.
    func matches(_ other: MATHNormalForm) -> Bool {
        self.isNormal && other.isNormal ? self.text == other.text : self.original == other.original
    }

    private static let replacements = [
        ("\n", ""), (#"\!"#, ""), (#"\\"#, #"\"#), ("tfrac", "frac"), ("dfrac", "frac"), (#"\left"#, ""),
        (#"\right"#, ""), (#"^{\circ}"#, ""), (#"^\circ"#, ""), (#"\$"#, ""),
    ]

    private static func normalised(_ original: ScalarText) -> ScalarText? {
        var text = original
        for (part, replacement) in self.replacements { text.replace(part, with: replacement) }
        // A unit at the end is written \text{ cm}.
        let units = text.split(#"\text{ "#)
        guard units.count <= 2 else { return nil }
        text = units[0]
        text.replace(#"\\%"#)
        text.replace(#"\%"#)
        text.replace(" .", with: " 0.")
        text.replace("{.", with: "{0.")
        guard !text.isEmpty else { return text }
        if text.scalars[0] == "." { text = ScalarText("0".unicodeScalars + text.scalars) }
        let sides = text.split("=")
        if sides.count == 2, sides[0].count <= 2 { text = sides[1] }
        guard let roots = self.bracedRoots(text) else { return nil }
        text = roots
        text.replace(" ")
        guard let fractions = self.bracedFractions(text) else { return nil }
        text = fractions
        if text == ScalarText("0.5") { return ScalarText(#"\frac{1}{2}"#) }
        return self.stackedFraction(text)
    }

    /// `\sqrt3` becomes `\sqrt{3}`; nil if nothing follows a root.
    private static func bracedRoots(_ text: ScalarText) -> ScalarText? {
        let pieces = text.split(#"\sqrt"#)
        var result = pieces[0]
        for piece in pieces.dropFirst() {
            guard let first = piece.scalars.first else { return nil }
            result.append(#"\sqrt"#)
            if first == "{" {
                result.append(piece)
            } else {
                result.append("{\(first)}")
                result.append(piece[1..<piece.count])
            }
        }
        return result
    }

    /// `\frac12` and `\frac1{2}` become `\frac{1}{2}`; nil if nothing follows a fraction.
    ///
    /// A fraction with half of its arguments leaves the whole text alone.
    private static func bracedFractions(_ text: ScalarText) -> ScalarText? {
        let pieces = text.split(#"\frac"#)
        var result = pieces[0]
        for piece in pieces.dropFirst() {
            guard let first = piece.scalars.first else { return nil }
            result.append(#"\frac"#)
            if first == "{" {
                result.append(piece)
                continue
            }
            guard piece.count >= 2 else { return text }
            let second = piece.scalars[1]
            result.append(second == "{" ? "{\(first)}{" : "{\(first)}{\(second)}")
            result.append(piece[2..<piece.count])
        }
        return result
    }

    /// `a/b` of two integers becomes `\frac{a}{b}`.
    private static func stackedFraction(_ text: ScalarText) -> ScalarText {
        let parts = text.split("/")
        guard parts.count == 2, parts.allSatisfy(self.isInteger) else { return text }
        return ScalarText(#"\frac{\#(parts[0].string)}{\#(parts[1].string)}"#)
    }

    /// Whether it is an integer as a program would write it: no plus, no leading zero, no minus zero.
    private static func isInteger(_ text: ScalarText) -> Bool {
        let digits = text.scalars.first == "-" ? text.scalars.dropFirst() : text.scalars[...]
        guard let first = digits.first, digits.allSatisfy({ ("0"..."9").contains($0) }) else { return false }
        return first != "0" || text.count == 1
    }
}
