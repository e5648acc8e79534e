package import EADCore
package import EADMessages

/// The deltas that make a policy version of the one at hand, and the fetching of their pieces.
package struct DeltaDownload: Sendable {
    /// One piece, as requests name it.
    private struct Piece {
        let delta: PolicyVersion
        let index: UInt32
        let length: Int
        let hash: [UInt8]
    }

    /// Applied in this order.
    package let deltas: [PolicyDelta]
    private let version: PolicyVersion
    private let pieces: [Piece]
    private var bytes: [SharedBytes?]
    private var download: PolicyDownload

    /// Nil when the manifest's deltas do not lead from `held` to its version step by step, are longer than what they
    /// spare, or are none.
    package init?(
        _ manifest: PolicyManifest, from held: HeldPolicy?, credit: Int, timeout: Duration, maximumAttempts: Int
    ) {
        guard let held, let first = manifest.deltas.first, first.base == held, manifest.isMadeOfWords,
            manifest.deltas.last?.version == manifest.version
        else { return nil }
        var pieces: [Piece] = []
        var (version, total) = (held.version, UInt64(0))
        for delta in manifest.deltas {
            guard delta.base.version == version, let cut = delta.pieces else { return nil }
            total += delta.totalBytes
            guard total <= manifest.deltaLimit else { return nil }
            for index in 0..<cut.count {
                pieces.append(
                    Piece(
                        delta: delta.version, index: UInt32(index), length: cut.length(of: index),
                        hash: delta.pieceHashes[index]))
            }
            version = delta.version
        }
        self.deltas = manifest.deltas
        self.version = manifest.version
        self.pieces = pieces
        self.bytes = Array(repeating: nil, count: pieces.count)
        self.download = PolicyDownload(
            version: manifest.version, chunkHashes: pieces.map(\.hash), credit: credit, timeout: timeout,
            maximumAttempts: maximumAttempts)
    }

    /// The pieces to ask for now; those unanswered too long are asked for again.
    package mutating func next(now: ContinuousClock.Instant) -> [ChunkRequest] {
        self.download.next(now: now).map {
            ChunkRequest(version: self.version, index: self.pieces[$0].index, delta: self.pieces[$0].delta)
        }
    }

    /// What the bytes of a piece should hash to; nil for a piece nobody asked for, or of another length.
    package func hash(of chunk: PolicyChunk, length: Int) -> [UInt8]? {
        guard let place = self.place(of: chunk), self.pieces[place].length == length else { return nil }
        return self.pieces[place].hash
    }

    /// A piece arrived; `payload` is nil when its bytes are not those of the manifest.
    package mutating func received(
        _ chunk: PolicyChunk, _ payload: SharedBytes?, now: ContinuousClock.Instant
    ) -> PolicyDownload.Receipt {
        guard let place = self.place(of: chunk) else { return .noSuchChunk }
        let receipt = self.download.received(place, hashMatches: payload != nil, now: now)
        if receipt == .stored { self.bytes[place] = payload }
        return receipt
    }

    private func place(of chunk: PolicyChunk) -> Int? {
        guard chunk.version == self.version, let delta = chunk.delta else { return nil }
        return self.pieces.firstIndex { $0.delta == delta && $0.index == chunk.index }
    }

    package var isComplete: Bool { self.download.isComplete }
    package var failure: PolicyDownload.Failure? { self.download.failure }
    package var missing: Int { self.download.count - self.download.presentCount }
    package var count: Int { self.download.count }

    /// The pieces of each delta in order; all of them once the download is complete.
    package var contents: [[SharedBytes]] {
        self.deltas.map { delta in
            zip(self.pieces, self.bytes).compactMap { $0.delta == delta.version ? $1 : nil }
        }
    }
}

extension PolicyManifest {
    /// Deltas describe 16-bit words, chunk by chunk.
    package var isMadeOfWords: Bool {
        self.precision == .bf16 && self.totalBytes.isMultiple(of: 2) && self.chunkBytes.isMultiple(of: 2)
    }

    /// Deltas longer than half of the policy are not worth their trouble.
    package var deltaLimit: UInt64 { self.totalBytes / 2 }
}
