import CEADMessages
import EADCore
import EADTestKit
import Testing

@testable import EADMessages

/// Bytes made to do harm: no trap, no large allocation, either an error or a valid envelope.
@Suite struct EnvelopeHostilityTests {
    /// Decodes if it can; whatever decodes must encode to something that decodes to the same again.
    private func probe(_ bytes: [UInt8]) {
        do throws(DecodeError) {
            let envelope = try EnvelopeCodec.decode(bytes)
            #expect(try EnvelopeCodec.decode(EnvelopeCodec.encode(envelope)) == envelope)
        } catch {
            #expect(!error.description.isEmpty)
        }
    }

    @Test(arguments: GoldenEnvelopes.messages)
    func everyTruncationIsSurvived(name: String, message: Message) throws {
        let bytes = EnvelopeCodec.encode(GoldenEnvelopes.envelope(message))
        for length in 0..<bytes.count { self.probe(Array(bytes.prefix(length))) }
        // The body is the last field, so that cutting it always shows.
        #expect(throws: DecodeError.self) { try EnvelopeCodec.decode(Array(bytes.dropLast())) }
    }

    @Test(arguments: GoldenEnvelopes.messages)
    func flippedBitsAreSurvived(name: String, message: Message) {
        let bytes = EnvelopeCodec.encode(GoldenEnvelopes.envelope(message))
        var generator = SplitMix64(seed: 0xF11B)
        for _ in 0..<300 {
            var damaged = bytes
            for _ in 0...generator.below(4) {
                damaged[generator.below(damaged.count)] ^= 1 << UInt8(generator.below(8))
            }
            self.probe(damaged)
        }
    }

    /// Cuts, repeats, swaps and splices pieces of valid messages, keeping what still decodes as new material.
    @Test(arguments: 0..<4) func mutantsOfMessagesAreSurvived(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        var corpus = GoldenEnvelopes.messages.map { EnvelopeCodec.encode(GoldenEnvelopes.envelope($0.message)) }
        for _ in 0..<2000 {
            var bytes = corpus[generator.below(corpus.count)]
            for _ in 0...generator.below(3) where !bytes.isEmpty {
                let start = generator.below(bytes.count)
                let end = min(bytes.count, start + 1 + generator.below(32))
                switch generator.below(6) {
                case 0: bytes.removeSubrange(start..<end)
                case 1: bytes.insert(contentsOf: bytes[start..<end], at: start)
                case 2: bytes[start] = UInt8(generator.below(256))
                case 3: bytes[start] = [0, 1, 0x7F, 0x80, 0xFF][generator.below(5)]
                case 4: bytes.insert(contentsOf: corpus[generator.below(corpus.count)].prefix(64), at: start)
                default: bytes.append(contentsOf: corpus[generator.below(corpus.count)].suffix(64))
                }
            }
            self.probe(bytes)
            if corpus.count < 400, (try? EnvelopeCodec.decode(bytes)) != nil { corpus.append(bytes) }
        }
    }

    @Test func noiseIsSurvived() {
        var generator = SplitMix64(seed: 0xA015E)
        for _ in 0..<5000 {
            let noise = (0..<generator.below(200)).map { _ in UInt8(generator.below(256)) }
            self.probe([0x08, 2] + noise)
            self.probe(noise)
        }
    }

    /// One mebibyte of the cheapest bytes that make protobuf-c allocate: 30 to 90 times their length without a limit.
    @Test(arguments: [
        ("empty submessages", [UInt8]([0x5A, 0x00])),
        ("empty byte strings", [0x2A, 0x00]),
        ("unknown fields", [0xA8, 0x7D, 0x00]),
        ("repeated scalars", [0x08, 0x02]),
    ])
    func craftedInputStaysWithinItsMemory(name: String, unit: [UInt8]) throws {
        let content = Array(repeating: unit, count: (1 << 20) / unit.count).flatMap { $0 }
        // status_reply (66) has submessages as field 11; policy_manifest (49) has byte strings as field 5.
        let tag: [UInt8] = name == "empty byte strings" ? [0x8A, 0x03] : [0x92, 0x04]
        let bytes = [0x08, 2, 0x1A, 1, 0x61, 0x28, 1] + tag + Self.varint(content.count) + content
        let limit = EnvelopeCodec.memoryLimit(for: bytes.count)
        #expect(limit <= 4 * EnvelopeCodec.usualLimit)
        let error = try #require(throws: DecodeError.self) { try EnvelopeCodec.decode(bytes) }
        #expect(error == DecodeError(.memoryLimit(bytes: limit), sender: NodeID("a"), number: 1))
    }

    @Test func anArenaHandsOutNoMoreThanItsLimit() {
        let arena = WireArena(limit: 100_000)
        let allocator = arena.allocator!.pointee
        var generator = SplitMix64(seed: 3)
        for _ in 0..<5000 {
            guard let memory = allocator.alloc(allocator.allocator_data, generator.below(200)) else { continue }
            #expect(UInt(bitPattern: memory) % 16 == 0)
            memory.storeBytes(of: 1, as: UInt8.self)
        }
        let (isExhausted, used) = (arena.isExhausted, arena.used)
        #expect(isExhausted)
        #expect(used <= 100_000)
        let impossible = allocator.alloc(allocator.allocator_data, .max)
        #expect(impossible == nil)
    }

    private static func varint(_ value: Int) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
