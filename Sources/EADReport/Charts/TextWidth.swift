/// About how wide a text is drawn, for space to be kept free for it.
enum TextWidth {
    /// - Returns: The width in units of the font size, for a proportional sans-serif face; rather too wide than too
    ///   narrow.
    static func ems(_ text: String) -> Double {
        text.unicodeScalars.reduce(0) { $0 + self.ems($1) }
    }

    private static func ems(_ scalar: Unicode.Scalar) -> Double {
        switch scalar {
        case "i", "j", "l", "I", "|", ".", ",", ":", ";", "'", "!": 0.3
        case "f", "r", "t", "(", ")", "[", "]", "-", "/", " ", "\u{202F}": 0.38
        case "m", "w", "M", "W", "@", "%": 0.92
        case "A"..."Z", "+", "=", "<", ">", "\u{2192}", "\u{2212}": 0.72
        case "\u{0}"..<"\u{2E80}": 0.6
        default: 1.05
        }
    }
}
