package import EADCore
package import EADMessages

/// The deltas of the last versions, each made of the one before it, up to a number of bytes.
package struct DeltaRing: Sendable {
    private struct Entry {
        let delta: PolicyDelta
        let bytes: SharedBytes
    }

    private var entries: [Entry] = []
    private var size: UInt64 = 0
    private let limit: UInt64

    package init(limit: UInt64) { self.limit = limit }

    /// Keeps the delta that made `version`, and forgets the oldest beyond the limit.
    ///
    /// - Parameter delta: Nil when there is none: no chain leads to this version, or past it.
    package mutating func append(_ delta: PolicyDelta?, bytes: SharedBytes?) {
        guard let delta, let bytes, delta.totalBytes == UInt64(bytes.count) else {
            self.entries = []
            self.size = 0
            return
        }
        if let last = self.entries.last, last.delta.version != delta.base.version {
            self.entries = []
            self.size = 0
        }
        self.entries.append(Entry(delta: delta, bytes: bytes))
        self.size += delta.totalBytes
        var forgotten = 0
        while self.size > self.limit, forgotten < self.entries.count {
            self.size -= self.entries[forgotten].delta.totalBytes
            forgotten += 1
        }
        self.entries.removeFirst(forgotten)
    }

    /// The deltas that make the last version of `held`; none when they are not here, or are longer than `limit` together.
    package func chain(from held: HeldPolicy, limit: UInt64) -> [PolicyDelta] {
        guard let first = self.entries.firstIndex(where: { $0.delta.base == held }) else { return [] }
        let chain = self.entries[first...].map(\.delta)
        return chain.reduce(0) { $0 + $1.totalBytes } <= limit ? chain : []
    }

    /// A piece of the delta that makes `version`.
    package func piece(_ index: Int, of version: PolicyVersion) -> SharedBytes? {
        guard let entry = self.entries.first(where: { $0.delta.version == version }),
            let range = entry.delta.pieces?.range(checking: index)
        else { return nil }
        return entry.bytes.slice(Int(range.lowerBound)..<Int(range.upperBound))
    }
}

extension PolicyDelta {
    /// How its bytes are cut; nil when its numbers contradict each other.
    package var pieces: PolicyChunking? {
        guard
            let pieces = PolicyChunking(
                totalBytes: self.totalBytes, chunkBytes: UInt32(PolicyManifest.maximumChunkBytes)),
            pieces.count == self.pieceHashes.count
        else { return nil }
        return pieces
    }
}

extension PolicyChunking {
    /// The bytes of chunk `index`; nil without such a chunk.
    func range(checking index: Int) -> Range<UInt64>? {
        (0..<self.count).contains(index) ? self.range(of: index) : nil
    }
}
