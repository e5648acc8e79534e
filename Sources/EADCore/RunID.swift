/// The identity of one training run: 16 random bytes, shown as 32 hexadecimal digits.
package struct RunID: Hashable, Sendable, CustomStringConvertible, Codable {
    /// Always 16 bytes.
    package let bytes: [UInt8]

    /// Takes 16 bytes; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Parses 32 hexadecimal digits; nil for anything else.
    package init?(_ text: String) {
        guard let bytes = [UInt8](hexadecimal: text) else { return nil }
        self.init(bytes: bytes)
    }

    /// A fresh identity from the system's random source.
    package static func random() -> RunID {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        guard let id = RunID(bytes: bytes) else { preconditionFailure("16 bytes were made") }
        return id
    }

    package var description: String { self.bytes.hexadecimal }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = RunID(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a run id is 32 hexadecimal digits, not '\(text)'")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}
