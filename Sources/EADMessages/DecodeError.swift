package import EADCore

/// Bytes from a peer are not an acceptable envelope.
package struct DecodeError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        /// The envelope is longer than its receiver takes; it was not looked at.
        case tooLong(bytes: Int, limit: Int)
        /// Not protobuf, or fields of the wrong wire type.
        case malformed
        /// Decoding would take more memory than an envelope of this length deserves.
        case memoryLimit(bytes: Int)
        /// The sender speaks another wire version (0: none given); nothing else was looked at.
        case unsupportedWireVersion(UInt32)
        /// A message that must be there is not; for `body`: no message this build knows.
        case missing
        /// An enumeration has a value this build does not know; 0 is "unspecified".
        case unknownValue(UInt32)
        /// Not UTF-8, or (in a name) empty, too long, or with a control character.
        case invalidText
        /// Not a number, or infinite.
        case notFinite
        /// A count of bytes or elements that contradicts the message's definition.
        case wrongLength(found: Int, expected: ClosedRange<Int>)
        /// A number outside its domain.
        case outOfRange(found: UInt64, expected: ClosedRange<UInt64>)
        /// A real number that the field cannot hold.
        case outsideDomain
        /// A name that stands for nothing in this build.
        case unknownName(String)
        /// Something that may be there once only.
        case repeated
        /// A field that another one rules out.
        case contradiction
    }

    package var reason: Reason
    /// The offending field, such as `rolloutGroup.rollouts[3].trace.temperature[17]`; empty for the envelope as a whole.
    package var path: String
    /// Who sent it, when that much could be read; whoever it is can be told.
    package var sender: NodeID?
    /// The envelope's number for `inReplyTo`; 0 when it could not be read.
    package var number: UInt64

    package init(_ reason: Reason, at path: String = "", sender: NodeID? = nil, number: UInt64 = 0) {
        self.reason = reason
        self.path = path
        self.sender = sender
        self.number = number
    }

    package var description: String {
        let problem =
            switch self.reason {
            case .tooLong(let bytes, let limit): "\(bytes) bytes exceed the limit of \(limit)"
            case .malformed: "not a protobuf message of the expected form"
            case .memoryLimit(let bytes): "decoding would take more than \(bytes) bytes of memory"
            case .unsupportedWireVersion(let found):
                "wire version \(found) is not spoken here (this build speaks \(Envelope.currentWireVersion))"
            case .missing: "missing"
            case .unknownValue(let value): "unknown value \(value)"
            case .invalidText: "not acceptable text"
            case .notFinite: "not a finite number"
            case .wrongLength(let found, let expected):
                "length \(found) is not within \(expected.lowerBound) to \(expected.upperBound)"
            case .outOfRange(let found, let expected):
                "\(found) is not within \(expected.lowerBound) to \(expected.upperBound)"
            case .outsideDomain: "outside its domain"
            case .unknownName(let name): "unknown name '\(name)'"
            case .repeated: "there more than once"
            case .contradiction: "contradicts another field"
            }
        let place = self.path.isEmpty ? "envelope" : self.path
        let origin = self.sender.map { " from \($0)" } ?? ""
        return "\(place)\(origin): \(problem)"
    }

    /// The same error seen from the message that holds the offending one as `field`.
    func inside(_ field: String) -> DecodeError {
        var outer = self
        outer.path = self.path.isEmpty ? field : "\(field).\(self.path)"
        return outer
    }

    /// The same error with the facts needed to answer it.
    func answerable(_ header: EnvelopeHeader) -> DecodeError {
        var complete = self
        complete.sender = header.sender
        complete.number = header.number
        return complete
    }
}
