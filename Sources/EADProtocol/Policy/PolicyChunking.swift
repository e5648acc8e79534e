import EADCore

/// How a policy's bytes are cut into chunks: all of `chunkBytes` but the last, which has the rest.
package struct PolicyChunking: Hashable, Sendable {
    package let totalBytes: UInt64
    package let chunkBytes: UInt32
    package let count: Int

    /// Nil when there are no bytes, or chunks without bytes, or more than 2^32 chunks: a manifest may say anything.
    package init?(totalBytes: UInt64, chunkBytes: UInt32) {
        guard totalBytes > 0, chunkBytes > 0 else { return nil }
        let count = (totalBytes - 1) / UInt64(chunkBytes) + 1
        guard count <= UInt64(UInt32.max) else { return nil }
        self.totalBytes = totalBytes
        self.chunkBytes = chunkBytes
        self.count = Int(count)
    }

    /// The bytes of chunk `index`, which is below `count`.
    package func range(of index: Int) -> Range<UInt64> {
        precondition((0..<self.count).contains(index), "there is no chunk \(index) of \(self.count)")
        let start = UInt64(index) * UInt64(self.chunkBytes)
        return start..<min(self.totalBytes, start + UInt64(self.chunkBytes))
    }

    /// Chunk `index` of bytes that are cut so; nil without such a chunk.
    func slice(_ index: Int, of bytes: SharedBytes) -> SharedBytes? {
        guard (0..<self.count).contains(index) else { return nil }
        let range = self.range(of: index)
        return bytes.slice(Int(range.lowerBound)..<Int(range.upperBound))
    }

    /// The length of chunk `index`, which is below `count`.
    package func length(of index: Int) -> Int { self.range(of: index).count }
}
