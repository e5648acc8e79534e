/// What a character is to the rules that cut text into words: its general category, as coarse as the rules can tell.
enum CharacterClass: UInt8, CaseIterable {
    case space
    /// Capital letters and title case.
    case upper
    case lower
    /// Letters without case, and letters that modify.
    case letter
    case number
    case mark
    case punctuation
    case symbol
    case other

    init(_ scalar: Unicode.Scalar) {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .titlecaseLetter: self = .upper
        case .lowercaseLetter: self = .lower
        case .modifierLetter, .otherLetter: self = .letter
        case .decimalNumber, .letterNumber, .otherNumber: self = .number
        case .nonspacingMark, .spacingMark, .enclosingMark: self = .mark
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            self = .punctuation
        case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: self = .symbol
        default: self = scalar.properties.isWhitespace ? .space : .other
        }
    }

    /// The classes of the characters below U+10000, by their raw values; looked up once, because the categories of a text's
    /// characters take as long as everything else about it.
    /// Written before anybody sees it, and never again.
    nonisolated(unsafe) private static let table: UnsafePointer<UInt8> = {
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 0x10000)
        for value in 0..<0x10000 {
            // Halves of characters of UTF-16 occur in no text.
            let scalar = Unicode.Scalar(UInt32(value))
            table[value] = (scalar.map { CharacterClass($0) } ?? .other).rawValue
        }
        return UnsafePointer(table)
    }()

    /// Gives quick access to the class of any character.
    struct Lookup {
        private let table = CharacterClass.table

        /// The raw value of an ASCII character's class.
        @inline(__always)
        func rawClass(ascii byte: UInt8) -> UInt8 { self.table[Int(byte)] }

        /// The raw value of a character's class.
        @inline(__always)
        func rawClass(_ scalar: Unicode.Scalar) -> UInt8 {
            scalar.value < 0x10000 ? self.table[Int(scalar.value)] : CharacterClass(scalar).rawValue
        }
    }
}

/// Some classes of characters.
struct CharacterClasses: Hashable, Sendable {
    private let bits: UInt16

    init(_ classes: CharacterClass...) { self.bits = classes.reduce(0) { $0 | 1 << UInt16($1.rawValue) } }

    @inline(__always)
    func contains(rawClass: UInt8) -> Bool { self.bits >> UInt16(rawClass) & 1 != 0 }
}
