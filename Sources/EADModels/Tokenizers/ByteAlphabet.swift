/// The characters by which byte-level vocabularies write bytes: printable Latin-1 for itself, the other 68 from U+0100
/// upwards in order of the byte.
enum ByteAlphabet {
    private static let characters: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (UInt8.min...UInt8.max).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
            default:
                defer { next += 1 }
                guard let scalar = Unicode.Scalar(next) else { preconditionFailure("68 scalars follow U+0100") }
                return scalar
            }
        }
    }()

    private static let bytes = [Unicode.Scalar: UInt8](
        uniqueKeysWithValues: zip(Self.characters, UInt8.min...UInt8.max))

    static func character(of byte: UInt8) -> Character { Character(Self.characters[Int(byte)]) }

    static func byte(of scalar: Unicode.Scalar) -> UInt8? { Self.bytes[scalar] }

    /// The bytes that a token stands for; nil if it has a character outside the alphabet.
    static func bytes(of token: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(token.utf8.count)
        for scalar in token.unicodeScalars {
            guard let byte = Self.byte(of: scalar) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
