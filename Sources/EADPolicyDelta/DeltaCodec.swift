import CEADPolicyDelta

/// What a training step changed in the 16-bit words of a policy, as bytes that are much shorter than the policy.
///
/// A delta is a sequence of blocks, one for each chunk of the policy, each after its length in 4 bytes (little-endian); the
/// header CEADPolicyDelta.h describes a block. Chunk by chunk, encoding and applying need memory for one chunk only.
/// Used by one thread at a time.
package final class DeltaCodec {
    private let codec: OpaquePointer
    private let words: Int
    private var block: [UInt8]

    /// - Parameter chunkBytes: The longest chunk, in bytes.
    package init(chunkBytes: Int) {
        precondition(chunkBytes >= 2 && chunkBytes.isMultiple(of: 2), "a chunk is a sequence of 16-bit words")
        self.words = chunkBytes / 2
        guard let codec = ead_delta_codec_new(self.words) else { preconditionFailure("no memory for a delta codec") }
        self.codec = codec
        self.block = []
    }

    deinit { ead_delta_codec_free(self.codec) }

    /// Appends the block that makes the chunk `next` of `base`, with its length before it.
    /// - Returns: How many words differ.
    package func encode(
        _ next: UnsafeRawBufferPointer, from base: UnsafeRawBufferPointer, appendingTo delta: inout [UInt8]
    ) -> Int {
        precondition(
            base.count == next.count && next.count.isMultiple(of: 2) && next.count / 2 <= self.words,
            "both are versions of one chunk")
        if self.block.isEmpty { self.block = Array(repeating: 0, count: ead_delta_bound(self.words)) }
        var changed = 0
        let length = self.block.withUnsafeMutableBytes { block in
            ead_delta_encode(
                self.codec, base.assumingMemoryBound(to: UInt16.self).baseAddress,
                next.assumingMemoryBound(to: UInt16.self).baseAddress, next.count / 2,
                block.assumingMemoryBound(to: UInt8.self).baseAddress, block.count, &changed)
        }
        precondition(length > 0, "a block fits into its bound")
        withUnsafeBytes(of: UInt32(length).littleEndian) { delta.append(contentsOf: $0) }
        delta.append(contentsOf: self.block[..<length])
        return changed
    }

    /// Changes a chunk by its block of a delta, which may hold anything.
    /// - Throws: `DeltaError`; some words of the chunk may be changed then.
    package func apply(
        _ block: UnsafeRawBufferPointer, to chunk: UnsafeMutableRawBufferPointer
    ) throws(DeltaError) {
        precondition(chunk.count.isMultiple(of: 2) && chunk.count / 2 <= self.words, "a chunk is no longer than said")
        let fault = ead_delta_apply(
            self.codec, chunk.assumingMemoryBound(to: UInt16.self).baseAddress, chunk.count / 2,
            block.assumingMemoryBound(to: UInt8.self).baseAddress, block.count)
        switch fault {
        case EAD_DELTA_NONE: return
        case EAD_DELTA_HEADER: throw .header
        case EAD_DELTA_FRAME: throw .frame
        default: throw .stream
        }
    }

    /// Where the block of each of `count` chunks lies in a delta, which may hold anything.
    /// - Throws: `DeltaError.blocks` when lengths and delta contradict each other.
    package static func blocks(
        of delta: UnsafeRawBufferPointer, count: Int
    ) throws(DeltaError) -> [Range<Int>] {
        var blocks: [Range<Int>] = []
        var offset = 0
        while blocks.count < count {
            guard delta.count - offset >= 4 else { throw .blocks }
            let length = Int(UInt32(littleEndian: delta.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            offset += 4
            guard length <= delta.count - offset else { throw .blocks }
            blocks.append(offset..<offset + length)
            offset += length
        }
        guard offset == delta.count else { throw .blocks }
        return blocks
    }
}
