extension Duration {
    /// Reads a whole number of milliseconds, seconds, minutes or hours: `500ms`, `2s`, `5m`, `1h`.
    init?(inYAML text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [Substring: Int64] = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000]
        guard let count = Int64(digits), count < 1_000_000_000, let unit = units[text.dropFirst(digits.count)] else {
            return nil
        }
        self = .milliseconds(count * unit)
    }

    /// The shortest way to write it in whole milliseconds, seconds, minutes or hours.
    package var inYAML: String {
        let (seconds, attoseconds) = self.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        for (unit, length) in [("h", Int64(3_600_000)), ("m", 60_000), ("s", 1000)]
        where milliseconds != 0 && milliseconds % length == 0 {
            return "\(milliseconds / length)\(unit)"
        }
        return "\(milliseconds)ms"
    }
}
