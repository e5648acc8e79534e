import EADCore
import EADMessages
import EADPolicyDelta
import EADProtocol
import EADRuntime

extension PolicyBytes {
    /// Applies deltas, each in pieces, in this order, chunk by chunk.
    ///
    /// - Returns: The hashes of the chunks that came out, which tell whether deltas and parameters belonged together: a
    ///   chunk that a delta does not fit stays as far as it came.
    func apply(_ deltas: [[SharedBytes]], makingChunksOf manifest: PolicyManifest) -> [[UInt8]] {
        guard let chunking = manifest.chunking, manifest.isMadeOfWords, manifest.totalBytes == UInt64(self.count)
        else { preconditionFailure("only versions of this length are asked for") }
        let codec = DeltaCodec(chunkBytes: Int(manifest.chunkBytes))
        let wholes = deltas.map { Self.joined($0, chunks: chunking.count) }
        return self.withUnsafeMutableBytes { parameters in
            (0..<chunking.count).map { index in
                let range = chunking.range(of: index)
                let chunk = UnsafeMutableRawBufferPointer(
                    rebasing: parameters[Int(range.lowerBound)..<Int(range.upperBound)])
                // What follows a delta that does not fit would not fit either.
                _ = wholes.allSatisfy { delta in
                    guard let delta else { return false }
                    return delta.bytes.withUnsafeBytes { bytes in
                        let block = UnsafeRawBufferPointer(rebasing: bytes[delta.blocks[index]])
                        return (try? codec.apply(block, to: chunk)) != nil
                    }
                }
                return PolicyHashes.hash(UnsafeRawBufferPointer(chunk))
            }
        }
    }

    /// The pieces of a delta behind one another, which takes a copy only where there are several, and its blocks; nil when
    /// those are not as many as chunks.
    private static func joined(_ pieces: [SharedBytes], chunks: Int) -> (bytes: SharedBytes, blocks: [Range<Int>])? {
        let bytes = pieces.count == 1 ? pieces[0] : SharedBytes(pieces.flatMap(\.array))
        guard let blocks = try? bytes.withUnsafeBytes({ try DeltaCodec.blocks(of: $0, count: chunks) }) else {
            return nil
        }
        return (bytes, blocks)
    }
}
