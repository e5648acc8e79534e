import CEADMessages
import EADCore

/// Envelopes as bytes: the protobuf message `ead.v1.Envelope` of `Protos/ead/v1`.
///
/// A decoded envelope is valid in itself: every enumeration is known, every text is UTF-8, every number is finite
/// and in its domain, and lengths that must agree do. Whether it fits the state of the run is for the receiver.
package enum EnvelopeCodec {
    /// The longest envelope that is decoded unless something else is said, in bytes; payloads travel in a frame of their
    /// own.
    package static let usualLimit = 4 << 20

    /// The bytes of `envelope`, however many; whether its receiver takes as many is for the sender to look at.
    package static func encode(_ envelope: Envelope) -> [UInt8] {
        let arena = WireArena(limit: .max)
        let wire = arena.message(envelope)
        let count = ead__v1__envelope__get_packed_size(wire)
        return [UInt8](unsafeUninitializedCapacity: count) { bytes, written in
            written = ead__v1__envelope__pack(wire, bytes.baseAddress)
        }
    }

    /// The envelope that `bytes` stand for.
    ///
    /// The memory used on the way is limited in proportion to the length of `bytes`.
    ///
    /// - Parameter limit: The longest envelope there can be in this cluster, in bytes.
    /// - Throws: what is wrong and in which field; `unsupportedWireVersion` before anything else is looked at.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer, limit: Int = Self.usualLimit
    ) throws(DecodeError) -> Envelope {
        guard bytes.count <= limit else { throw DecodeError(.tooLong(bytes: bytes.count, limit: limit)) }
        guard let header = EnvelopeHeader(bytes) else { throw DecodeError(.malformed) }
        guard header.wireVersion == Envelope.currentWireVersion else {
            throw DecodeError(.unsupportedWireVersion(header.wireVersion)).answerable(header)
        }
        let memory = Self.memoryLimit(for: bytes.count, limit: limit)
        let arena = WireArena(limit: memory)
        let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard let wire = ead__v1__envelope__unpack(arena.allocator, bytes.count, start) else {
            throw DecodeError(arena.isExhausted ? .memoryLimit(bytes: memory) : .malformed).answerable(header)
        }
        do {
            return try Envelope(wire: wire.pointee)
        } catch {
            throw error.answerable(header)
        }
    }

    /// The envelope that `bytes` stand for.
    ///
    /// - Throws: what is wrong and in which field; `unsupportedWireVersion` before anything else is looked at.
    package static func decode(_ bytes: [UInt8]) throws(DecodeError) -> Envelope {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(DecodeError) in try Self.decode(buffer) }
        }
        return try result.get()
    }

    /// Bytes that decoding an envelope of `count` bytes may take.
    ///
    /// The most memory-hungry honest message is a list of leases, at 11 times its length; crafted input asks for 90.
    static func memoryLimit(for count: Int, limit: Int = Self.usualLimit) -> Int {
        min((64 << 10) + 16 * count, 4 * limit)
    }
}
