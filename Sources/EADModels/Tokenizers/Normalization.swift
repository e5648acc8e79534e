@_spi(_Unicode) import Swift

/// What happens to text before it is cut into words.
struct Normalization: Hashable, Sendable {
    /// Where a mark of a space is put that the text does not have.
    enum Beginning: Hashable, Sendable {
        case nowhere
        /// Before every part of the text between added tokens.
        case everyPart
        /// The same, unless the part begins with a space.
        case everyPartWithoutSpace
        /// At the beginning of the text, unless it begins with a space.
        case textWithoutSpace
    }

    /// Whether characters are composed (NFC, Unicode Standard Annex 15).
    var composes = false
    /// Whether spaces become marks (▁), and what they get before them; nil leaves them.
    var marksSpaces: Beginning?

    static let none = Normalization()
    static let nfc = Normalization(composes: true)

    /// The text in normal form; nil if it is so already.
    ///
    /// - Parameter isFirst: Whether nothing stands before it.
    func normalized(_ utf8: UnsafeBufferPointer<UInt8>, isFirst: Bool) -> [UInt8]? {
        // Characters below U+0300 compose with nothing before them; the others begin with a byte of at least 0xCC.
        if self.composes, utf8.contains(where: { $0 >= 0xCC }) { return Self.composed(utf8) }
        guard let beginning = self.marksSpaces, let first = utf8.first else { return nil }
        let marksBeginning =
            switch beginning {
            case .nowhere: false
            case .everyPart: true
            case .everyPartWithoutSpace: !Self.isMarked(utf8, first)
            case .textWithoutSpace: isFirst && !Self.isMarked(utf8, first)
            }
        return Self.marked(utf8, marksBeginning: marksBeginning)
    }

    func normalized(_ name: [UInt8]) -> [UInt8] {
        name.withUnsafeBufferPointer { self.normalized($0, isFirst: true) } ?? name
    }

    private static let space = Array(String(CharacterTokens.space).utf8)

    private static func isMarked(_ utf8: UnsafeBufferPointer<UInt8>, _ first: UInt8) -> Bool {
        first == UInt8(ascii: " ") || utf8.starts(with: Self.space)
    }

    private static func marked(_ utf8: UnsafeBufferPointer<UInt8>, marksBeginning: Bool) -> [UInt8] {
        var bytes = marksBeginning ? Self.space : []
        bytes.reserveCapacity(utf8.count + utf8.count / 2)
        for byte in utf8 {
            if byte == UInt8(ascii: " ") { bytes += Self.space } else { bytes.append(byte) }
        }
        return bytes
    }

    private static func composed(_ utf8: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count)
        // Not Foundation's: it takes a letter beyond U+FFFF for the one whose number has the same last four digits.
        for scalar in String(decoding: utf8, as: UTF8.self)._nfc {
            bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
        }
        return bytes
    }
}
