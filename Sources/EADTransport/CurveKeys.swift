import CZMQ

/// A CURVE public key: 32 bytes, written as 40 characters of Z85.
package struct CurvePublicKey: Hashable, Sendable, CustomStringConvertible {
    /// Always 32 bytes.
    package let bytes: [UInt8]

    /// Takes 32 bytes; nil for any other count.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Reads 40 characters of Z85; nil for anything else.
    package init?(z85 text: String) {
        guard let bytes = Z85.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    package var z85: String { Z85.encode(self.bytes) }
    package var description: String { self.z85 }
}

/// A CURVE key pair; its description, mirror and dump show the public key only.
package struct CurveKeyPair: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let publicKey: CurvePublicKey
    /// 32 bytes.
    let secret: [UInt8]

    /// A fresh pair from the system's random source.
    ///
    /// - Throws: `system` when libzmq was built without CURVE.
    package static func generate() throws(TransportError) -> CurveKeyPair {
        var publicText = [CChar](repeating: 0, count: 41)
        var secretText = publicText
        guard zmq_curve_keypair(&publicText, &secretText) == 0 else { throw .last("zmq_curve_keypair") }
        return try CurveKeyPair(publicZ85: Self.text(publicText), secretZ85: Self.text(secretText))
    }

    /// - Throws: `keyFile` when the texts are not Z85 keys, or the public key is not that of the secret one.
    init(publicZ85: String, secretZ85: String) throws(TransportError) {
        guard let publicKey = CurvePublicKey(z85: publicZ85), let secret = Z85.decode(secretZ85), secret.count == 32
        else { throw TransportError(.keyFile, "a key has 40 characters of Z85") }
        var derived = [CChar](repeating: 0, count: 41)
        guard zmq_curve_public(&derived, secretZ85) == 0, Self.text(derived) == publicZ85 else {
            throw TransportError(.keyFile, "the public key is not that of the secret key")
        }
        self.publicKey = publicKey
        self.secret = secret
    }

    package var description: String { "CurveKeyPair(public: \(self.publicKey))" }
    package var debugDescription: String { self.description }
    package var customMirror: Mirror { Mirror(self, children: ["publicKey": self.publicKey.z85]) }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// ZeroMQ's text form of keys (RFC 32).
enum Z85 {
    /// Encodes a multiple of 4 bytes.
    static func encode(_ bytes: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: bytes.count / 4 * 5 + 1)
        guard zmq_z85_encode(&text, bytes, bytes.count) != nil else {
            preconditionFailure("Z85 encodes multiples of 4 bytes, not \(bytes.count)")
        }
        return String(decoding: text.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Decodes 40 characters; nil for anything else.
    static func decode(_ text: String) -> [UInt8]? {
        guard text.utf8.count == 40, text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 32)
        guard zmq_z85_decode(&bytes, text) != nil else { return nil }
        return bytes
    }
}
