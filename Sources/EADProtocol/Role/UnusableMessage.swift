package import EADMessages

/// A received message that cannot be acted on, with the answer to give where there is somebody to answer.
package struct UnusableMessage: Error, Hashable, Sendable {
    package let refusal: Refusal
    /// The number to answer to; 0 when it could not be read.
    package let number: UInt64

    package init(_ code: Refusal.Code, _ reason: String, number: UInt64 = 0) {
        self.refusal = Refusal(code: code, reason: reason)
        self.number = number
    }

    package init(_ error: DecodeError) {
        let code: Refusal.Code = if case .unsupportedWireVersion = error.reason { .wireVersion } else { .invalid }
        self.init(code, error.description, number: error.number)
    }
}
