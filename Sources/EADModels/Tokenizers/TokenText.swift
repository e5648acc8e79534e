/// A token as a file writes it, equal to another only if their bytes are: texts compare by canonical equivalence, by which
/// a vocabulary would lose tokens.
struct TokenText: Hashable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (lhs: TokenText, rhs: TokenText) -> Bool { lhs.text.utf8.elementsEqual(rhs.text.utf8) }

    func hash(into hasher: inout Hasher) {
        var text = self.text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
