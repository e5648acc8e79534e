import EADCore

/// The tokens that single characters are, in vocabularies whose words begin as characters.
///
/// A character without one is written by the tokens of its bytes (`byte_fallback`).
struct CharacterTokens: Sendable {
    /// `[128]`, `BytePairs.none` for characters without one.
    private var ascii = [TokenID](repeating: BytePairs.none, count: 128)
    private var others: [UInt32: TokenID] = [:]

    /// What marks a space in the vocabulary's texts: U+2581.
    static let space: Unicode.Scalar = "\u{2581}"

    subscript(scalar: Unicode.Scalar) -> TokenID? {
        get {
            guard scalar.value < 128 else { return self.others[scalar.value] }
            let token = self.ascii[Int(scalar.value)]
            return token == BytePairs.none ? nil : token
        }
        set {
            if scalar.value < 128 {
                self.ascii[Int(scalar.value)] = newValue ?? BytePairs.none
            } else {
                self.others[scalar.value] = newValue
            }
        }
    }

    /// The bytes that a token of such a vocabulary stands for.
    static func bytes(of token: String) -> [UInt8] {
        if let byte = Self.byte(of: token) { return [byte] }
        var bytes: [UInt8] = []
        for scalar in token.unicodeScalars {
            if scalar == Self.space { bytes.append(UInt8(ascii: " ")) } else { bytes += Array(String(scalar).utf8) }
        }
        return bytes
    }

    /// The byte that a token is, which is called `<0x00>` to `<0xFF>`; nil for another token.
    static func byte(of token: String) -> UInt8? {
        let utf8 = Array(token.utf8)
        guard utf8.count == 6, token.hasPrefix("<0x"), utf8[5] == UInt8(ascii: ">") else { return nil }
        return UInt8(String(decoding: utf8[3..<5], as: UTF8.self), radix: 16)
    }
}
