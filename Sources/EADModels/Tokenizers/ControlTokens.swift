import EADCore

/// The tokens that mark structure, found in text by name.
struct ControlTokens: Sendable {
    private let names: [(name: [UInt8], token: TokenID)]
    private let tokens: Set<TokenID>
    /// `[256]`: whether a name begins with the byte.
    private let begins: [Bool]

    init(_ names: [(name: [UInt8], token: TokenID)]) {
        // Longest first: of two names that fit at one place the longer is meant.
        self.names = names.sorted { $0.name.count > $1.name.count }
        self.tokens = Set(names.map(\.token))
        var begins = [Bool](repeating: false, count: 256)
        for (name, _) in names where !name.isEmpty { begins[Int(name[0])] = true }
        self.begins = begins
    }

    func forEachDefiningPart(_ body: (UnsafeRawBufferPointer) -> Void) {
        for (name, token) in self.names.sorted(by: { $0.token < $1.token }) {
            withUnsafeBytes(of: (token, UInt32(name.count)), body)
            name.withUnsafeBytes(body)
        }
    }

    func contains(_ token: TokenID) -> Bool { self.tokens.contains(token) }

    func token(named name: String) -> TokenID? {
        self.names.first { $0.name.elementsEqual(name.utf8) }?.token
    }

    /// By token.
    var sortedNames: [String] {
        self.names.sorted { $0.token < $1.token }.map { String(decoding: $0.name, as: UTF8.self) }
    }

    /// The first name in the text from `start` on.
    func first(in utf8: UnsafeBufferPointer<UInt8>, from start: Int) -> (range: Range<Int>, token: TokenID)? {
        for position in start..<utf8.count where self.begins[Int(utf8[position])] {
            for (name, token) in self.names where utf8[position...].starts(with: name) {
                return (position..<position + name.count, token)
            }
        }
        return nil
    }
}
