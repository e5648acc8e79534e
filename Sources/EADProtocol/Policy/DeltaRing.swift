package import EADCore
package import EADMessages

/// The deltas of the last versions, each made of the one before it, up to a number of bytes.
package struct DeltaRing: Sendable {
    private var deltas: [PublishedDelta] = []
    private var size: UInt64 = 0
    private let limit: UInt64

    package init(limit: UInt64) { self.limit = limit }

    /// Keeps what made the newest version of the one before it, and forgets the oldest beyond the limit.
    ///
    /// - Parameter delta: Nil when there is none: no chain leads to this version, or past it.
    package mutating func append(_ delta: PublishedDelta?) {
        guard let delta else {
            self.deltas = []
            self.size = 0
            return
        }
        self.deltas.append(delta)
        self.size += delta.description.totalBytes
        while self.size > self.limit { self.size -= self.deltas.removeFirst().description.totalBytes }
    }

    /// The deltas that make the last version of `held`; none when they are not here, or are longer than `limit` together.
    package func chain(from held: HeldPolicy, limit: UInt64) -> [PolicyDelta] {
        guard let first = self.deltas.firstIndex(where: { $0.description.base == held }) else { return [] }
        let chain = self.deltas[first...].map(\.description)
        return chain.reduce(0) { $0 + $1.totalBytes } <= limit ? chain : []
    }

    /// A piece of the delta that makes `version`.
    package func piece(_ index: Int, of version: PolicyVersion) -> SharedBytes? {
        guard let delta = self.deltas.first(where: { $0.description.version == version }) else { return nil }
        return delta.description.pieces?.slice(index, of: delta.bytes)
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
