extension StringProtocol {
    /// For a terminal: what would move its cursor or change its colours is spelt out. Line feeds and tabs stay.
    var spelt: String {
        String(
            String.UnicodeScalarView(
                self.unicodeScalars.flatMap { scalar -> [Unicode.Scalar] in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator:
                        scalar == "\n" || scalar == "\t" || scalar == "\u{200D}"
                            ? [scalar] : Array("\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
                    default: [scalar]
                    }
                }))
    }
}
