import EADCore
import EADPolicyDelta
import Testing

@Suite struct DeltaCodecTests {
    private static func encoded(_ next: [UInt16], from base: [UInt16], _ codec: DeltaCodec) -> [UInt8] {
        var delta: [UInt8] = []
        let changed = next.withUnsafeBytes { next in
            base.withUnsafeBytes { codec.encode(next, from: $0, appendingTo: &delta) }
        }
        #expect(changed == zip(base, next).count { $0 != $1 })
        return delta
    }

    private static func applied(_ delta: [UInt8], to base: [UInt16], _ codec: DeltaCodec) throws -> [UInt16] {
        var words = base
        try delta.withUnsafeBytes { delta in
            let blocks = try DeltaCodec.blocks(of: delta, count: 1)
            try words.withUnsafeMutableBytes {
                try codec.apply(UnsafeRawBufferPointer(rebasing: delta[blocks[0]]), to: $0)
            }
        }
        return words
    }

    @Test func aDeltaMakesTheNextVersionOfAnyTwo() throws {
        let codec = DeltaCodec(chunkBytes: 1 << 13)
        var dice = SplitMix64(seed: 14)
        for round in 0..<400 {
            let count = Int.random(in: 1...1 << 12, using: &dice)
            // Any bit patterns, those of NaN, infinity and both zeros among them.
            let base = (0..<count).map { _ in
                Bool.random(using: &dice)
                    ? UInt16.random(in: 0...UInt16.max, using: &dice) : [0, 0x8000, 0x7F80, 0xFFFF][round % 4]
            }
            let share = [0, 1, 20, 1000][round % 4]
            let next = base.map {
                Int.random(in: 0..<1000, using: &dice) < share ? UInt16.random(in: 0...UInt16.max, using: &dice) : $0
            }
            let delta = Self.encoded(next, from: base, codec)
            #expect(try Self.applied(delta, to: base, codec) == next)
        }
    }

    @Test func aGapMayBeAsLongAsAChunkIs() throws {
        let count = 1 << 22
        let codec = DeltaCodec(chunkBytes: 2 * count)
        let base = [UInt16](repeating: 7, count: count)
        var next = base
        next[count - 1] = 8
        let delta = Self.encoded(next, from: base, codec)
        #expect(delta.count < 64)
        #expect(try Self.applied(delta, to: base, codec) == next)
    }

    @Test func fewChangesOfOneUnitTakeAboutABytePerChange() {
        let count = 1 << 18
        let codec = DeltaCodec(chunkBytes: 2 * count)
        var dice = SplitMix64(seed: 3)
        let base = (0..<count).map { _ in UInt16.random(in: 0...UInt16.max, using: &dice) }
        let next = base.map { Int.random(in: 0..<100, using: &dice) == 0 ? $0 ^ 1 : $0 }
        let changed = zip(base, next).count { $0 != $1 }
        let delta = Self.encoded(next, from: base, codec)
        #expect(delta.count < 3 * changed / 2, "\(delta.count) bytes for \(changed) changes")
    }

    @Test func aDamagedDeltaIsRefusedOrChangesOnlyItsChunk() throws {
        let codec = DeltaCodec(chunkBytes: 1 << 12)
        var dice = SplitMix64(seed: 9)
        let base = (0..<2000).map { _ in UInt16.random(in: 0...UInt16.max, using: &dice) }
        let next = base.map { Int.random(in: 0..<10, using: &dice) == 0 ? $0 &+ 3 : $0 }
        let delta = Self.encoded(next, from: base, codec)
        var refused = 0
        for _ in 0..<5000 {
            var damaged = delta
            switch Int.random(in: 0..<3, using: &dice) {
            case 0: damaged.removeLast(Int.random(in: 1...damaged.count, using: &dice))
            case 1:
                damaged[Int.random(in: 0..<damaged.count, using: &dice)] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
            default:
                for _ in 0..<8 {
                    damaged[Int.random(in: 0..<damaged.count, using: &dice)] = .random(in: 0...255, using: &dice)
                }
            }
            do { _ = try Self.applied(damaged, to: base, codec) } catch is DeltaError { refused += 1 }
        }
        #expect(refused > 2500, "most damage shows in the streams: \(refused) of 5000")
    }

    @Test func anUnchangedChunkIsABlockWithoutChanges() throws {
        let codec = DeltaCodec(chunkBytes: 64)
        let words = [UInt16](0..<32)
        let delta = Self.encoded(words, from: words, codec)
        #expect(delta.count < 48)
        #expect(try Self.applied(delta, to: words, codec) == words)
    }

    @Test func blocksAreAsManyAsChunks() {
        let codec = DeltaCodec(chunkBytes: 64)
        var delta = Self.encoded([1, 2], from: [1, 3], codec)
        delta += Self.encoded([4], from: [5], codec)
        delta.withUnsafeBytes { delta in
            #expect(throws: DeltaError.blocks) { try DeltaCodec.blocks(of: delta, count: 1) }
            #expect(throws: Never.self) { try DeltaCodec.blocks(of: delta, count: 2) }
            #expect(throws: DeltaError.blocks) { try DeltaCodec.blocks(of: delta, count: 3) }
        }
    }
}
