package import EADMessages

/// A message that was not sent, because nobody would take one so long.
package struct OversizedMessage: Sendable {
    package let message: Message
    private let bytes: Int
    private let limit: Int

    package init(_ message: Message, bytes: Int, limit: Int) {
        self.message = message
        self.bytes = bytes
        self.limit = limit
    }

    package var reason: String { "it has \(self.bytes) bytes, and a message of this cluster at most \(self.limit)" }
}
