/// The name of a unit behind a number: a sign, a known one without a blank, or a few words.
struct UnitName {
    /// In small letters and the singular.
    let text: String

    /// Nil when the text is something else, such as the x of `7 x` or the rest of `7 or 8`.
    init?(_ scalars: ArraySlice<Unicode.Scalar>) {
        let whole = String(String.UnicodeScalarView(scalars))
        let words = whole.split(whereSeparator: \.isWhitespace).map(String.init)
        guard !words.isEmpty else {
            self.text = ""
            return
        }
        if let name = Self.signs[words.joined()] {
            self.text = name
            return
        }
        let isGlued = !(scalars.first?.isBlank ?? true)
        guard words.count <= 4, !isGlued || Self.isGluedUnit(words[0]) else { return nil }
        for word in words {
            guard let base = Self.withoutPower(word), !base.isEmpty, base.unicodeScalars.allSatisfy(Self.isPart),
                base.count > 1 || Unit.glued.contains(base), !Unit.scales.contains(base.lowercased()),
                !Self.connectives.contains(base.lowercased())
            else { return nil }
        }
        self.text = words.map(Self.singular).joined(separator: " ")
    }

    private static let signs = [
        "%": "percent", "$": "dollar", "\u{20AC}": "euro", "\u{A3}": "pound", "\u{A5}": "yen", "\u{B0}": "degree",
        "\u{B0}C": "degree c", "\u{B0}F": "degree f",
    ]

    /// Words that go on with the statement instead of naming a unit.
    private static let connectives: Set<String> = [
        "or", "and", "if", "when", "to", "not", "but", "either", "than", "more", "less", "is", "are", "was", "because",
        "since", "so", "for", "with", "from", "over", "by", "as", "mod", "base", "pi", "sqrt", "i",
    ]

    private static func isGluedUnit(_ word: String) -> Bool {
        Self.withoutPower(word).map { Unit.glued.contains($0) || $0.contains("/") } ?? false
    }

    /// The word without a square or cube at its end.
    private static func withoutPower(_ word: String) -> String? {
        for power in ["^2", "^3", "^{2}", "^{3}", "\u{B2}", "\u{B3}"] where word.hasSuffix(power) {
            return String(word.dropLast(power.count))
        }
        return word
    }

    private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar == "/" || scalar == "." || scalar == "-"
    }

    private static func singular(_ word: String) -> String {
        let small = word.lowercased().replacing("^{2}", with: "\u{B2}").replacing("^2", with: "\u{B2}")
            .replacing("^{3}", with: "\u{B3}").replacing("^3", with: "\u{B3}").filter { $0 != "." }
        return small.count > 3 && small.hasSuffix("s") ? String(small.dropLast()) : small
    }
}
