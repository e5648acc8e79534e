package import EADCore
package import EADMessages
import EADProtocol
import EADTelemetry

/// Mirroring the policy: manifest, chunks on credit, verification, one swap.
extension WorkerState {
    /// The learner describes a version. Accepted when it is the one asked for.
    package mutating func receive(_ manifest: PolicyManifest, now: ContinuousClock.Instant) -> [WorkerEffect] {
        guard case .asking(let version, _) = self.transfer, manifest.version == version else { return [] }
        guard manifest.totalBytes == self.policyBytes, manifest.chunking != nil else {
            // Asking again would not help.
            let text =
                "the learner's policy has \(manifest.totalBytes) bytes, this worker's model file gives "
                + "\(self.policyBytes); use the same model file on every host"
            return [.fail(RoleFailure(.data, text))]
        }
        let download = PolicyDownload(
            version: version, chunkHashes: manifest.chunkHashes, have: self.chunkHashes,
            credit: self.settings.chunkCredit, timeout: self.settings.requestTimeout,
            maximumAttempts: self.settings.chunkAttempts)
        self.transfer = .downloading(manifest, download)
        return self.requestChunks(now)
    }

    /// A chunk arrived: if it is wanted, its bytes are hashed, which takes a while.
    package mutating func receive(
        _ chunk: PolicyChunk, payload: SharedBytes?, now: ContinuousClock.Instant
    ) -> [WorkerEffect] {
        guard let manifest = self.wantedManifest, manifest.version == chunk.version, let chunking = manifest.chunking,
            Int(chunk.index) < chunking.count
        else { return [] }
        guard let payload, payload.count == chunking.length(of: Int(chunk.index)) else {
            return self.receivedChunk(chunk, intact: false, now: now)
        }
        return [.perform(.check(chunk, payload, hash: manifest.chunkHashes[Int(chunk.index)]))]
    }

    /// A chunk was hashed: bytes that are right, and still wanted, go to their place.
    package mutating func checked(
        _ chunk: PolicyChunk, _ payload: SharedBytes, isIntact: Bool, now: ContinuousClock.Instant
    ) -> [WorkerEffect] {
        guard let manifest = self.wantedManifest, manifest.version == chunk.version, let chunking = manifest.chunking
        else { return [] }
        let offset = Int(chunking.range(of: Int(chunk.index)).lowerBound)
        let write: [WorkerEffect] = isIntact ? [.perform(.write(payload, offset: offset))] : []
        return write + self.receivedChunk(chunk, intact: isIntact, now: now)
    }

    /// `intact` says whether a chunk's hash is the manifest's.
    package mutating func receivedChunk(
        _ chunk: PolicyChunk, intact: Bool, now: ContinuousClock.Instant
    ) -> [WorkerEffect] {
        guard case .downloading(let manifest, var download) = self.transfer, chunk.version == manifest.version
        else { return [] }
        switch download.received(Int(chunk.index), hashMatches: intact, now: now) {
        case .stored:
            self.counters[\.chunksStored] += 1
            self.noteChunk(Int(chunk.index), of: manifest)
        case .duplicate: self.counters[\.chunksDuplicate] += 1
        case .corrupt, .noSuchChunk: self.counters[\.chunksDamaged] += 1
        }
        self.transfer = .downloading(manifest, download)
        return self.requestChunks(now)
    }

    /// The learner no longer has the version asked for; it is asked again later, unless the lease ends before.
    package mutating func policyRefused(_ reason: String, now: ContinuousClock.Instant) -> [WorkerEffect] {
        switch self.transfer {
        case .none, .installing: return []
        case .asking(let version, _): self.transfer = .asking(version, due: now + self.settings.requestTimeout)
        case .downloading(let manifest, _):
            self.transfer = .asking(manifest.version, due: now + self.settings.requestTimeout)
        }
        return [.tellOperator(.warning, "the learner refused a policy request: \(reason)")]
    }

    /// The swap is done.
    package mutating func installed(_ manifest: PolicyManifest, now: ContinuousClock.Instant) -> [WorkerEffect] {
        self.setInstalled(manifest.version, hashes: manifest.chunkHashes)
        self.transfer = .none
        return self.start(now)
    }

    /// The version whose chunks are wanted now.
    package var wantedManifest: PolicyManifest? {
        if case .downloading(let manifest, _) = self.transfer { manifest } else { nil }
    }

    /// What the policy transfer waits for; nil when it waits for nobody.
    var transferWait: Wait? {
        switch self.transfer {
        case .none, .installing: return nil
        case .asking(let version, _): return .answer(about: version)
        case .downloading(let manifest, let download):
            // Complete, it waits for the engine to be idle.
            guard !download.isComplete else { return nil }
            return .chunks(
                of: manifest.version, missing: download.count - download.presentCount,
                count: manifest.chunkHashes.count)
        }
    }

    /// Repeats requests, and swaps as soon as the engine is idle.
    mutating func transferTick(_ now: ContinuousClock.Instant) -> [WorkerEffect] {
        switch self.transfer {
        case .none, .installing:
            return []
        case .asking(let version, let due):
            guard due <= now else { return [] }
            guard self.isWanted(version) else {
                self.transfer = .none
                return []
            }
            self.transfer = .asking(version, due: now + self.settings.requestTimeout)
            return [.tellLearner(.manifestRequest(ManifestRequest(version: version)))]
        case .downloading(let manifest, _):
            guard self.isWanted(manifest.version) else {
                self.transfer = .none
                return []
            }
            return self.requestChunks(now)
        }
    }

    private func isWanted(_ version: PolicyVersion) -> Bool {
        self.held.values.contains { $0.lease.allows(version) }
    }

    /// The second buffer may stay a mixture of versions when a download ends early: each chunk's hash says what it is.
    private mutating func noteChunk(_ index: Int, of manifest: PolicyManifest) {
        let missing = manifest.chunkHashes.count - self.chunkHashes.count
        if missing > 0 { self.chunkHashes += Array(repeating: [], count: missing) }
        self.chunkHashes[index] = manifest.chunkHashes[index]
    }

    private mutating func requestChunks(_ now: ContinuousClock.Instant) -> [WorkerEffect] {
        guard case .downloading(let manifest, var download) = self.transfer else { return [] }
        if download.isComplete {
            // A swap needs an idle engine; groups still generated with the old version finish first.
            guard !self.held.values.contains(where: { $0.stage == .generating }) else { return [] }
            self.transfer = .installing(manifest)
            return [.install(manifest)]
        }
        if let failure = download.failure {
            self.transfer = .none
            return [
                .tellOperator(.warning, "policy \(manifest.version) could not be fetched, asking again: \(failure)")
            ]
        }
        let indices = download.next(now: now)
        self.transfer = .downloading(manifest, download)
        return indices.map {
            .tellLearner(.chunkRequest(ChunkRequest(version: manifest.version, index: UInt32($0))))
        }
    }
}
