@_spi(_Unicode) import Swift

/// What happens to text before it is cut into words.
enum Normalization: String, Hashable, Sendable {
    case none
    /// Canonical composition (Unicode Standard Annex 15).
    case nfc

    /// The text in normal form; nil if it is so already.
    func normalized(_ utf8: UnsafeBufferPointer<UInt8>) -> String? {
        // Characters below U+0300 compose with nothing before them; the others begin with a byte of at least 0xCC.
        guard self == .nfc, utf8.contains(where: { $0 >= 0xCC }) else { return nil }
        // Not Foundation's: it takes a letter beyond U+FFFF for the one whose number has the same last four digits.
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: utf8, as: UTF8.self)._nfc { text.append(scalar) }
        return String(text)
    }

    func normalized(_ name: [UInt8]) -> [UInt8] {
        name.withUnsafeBufferPointer { self.normalized($0) }.map { Array($0.utf8) } ?? name
    }
}
