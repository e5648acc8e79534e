import EADConfiguration
package import EADCore
package import EADMessages
import EADProtocol
import EADTelemetry

/// Mirroring the policy: manifest, deltas or chunks on credit, verification, one swap.
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
        let deltas = DeltaDownload(
            manifest, from: self.mirrored, credit: self.settings.chunkCredit, timeout: self.settings.requestTimeout,
            maximumAttempts: self.settings.chunkAttempts)
        guard let deltas else { return self.download(manifest, now) }
        self.transfer = .fetchingDeltas(manifest, deltas)
        return self.requestPieces(now)
    }

    /// Fetches the chunks that are not in the second buffer.
    private mutating func download(_ manifest: PolicyManifest, _ now: ContinuousClock.Instant) -> [WorkerEffect] {
        let download = PolicyDownload(
            version: manifest.version, chunkHashes: manifest.chunkHashes, have: self.chunkHashes,
            credit: self.settings.chunkCredit, timeout: self.settings.requestTimeout,
            maximumAttempts: self.settings.chunkAttempts)
        self.transfer = .downloading(manifest, download)
        return self.requestChunks(now)
    }

    // MARK: Which version

    /// The versions that groups are being sampled with.
    var used: Set<PolicyVersion> { Set(self.held.values.compactMap(\.version)) }

    /// Whether versions are mirrored before a lease needs them.
    var mirrorsAhead: Bool { self.settings.swap != nil }

    /// The version to ask for when a lease waits: the newest, if it is allowed; nil when what is allowed is not to be had.
    func version(for lease: Lease) -> PolicyVersion? {
        guard self.mirrorsAhead, let newest = self.newest, lease.oldestVersion <= newest else {
            return lease.oldestVersion
        }
        return lease.allows(newest) ? newest : nil
    }

    /// The newest version of the run is this one: it is mirrored if it is not here, and whatever is newer is of a policy
    /// that the run lost.
    package mutating func hear(of newest: PolicyVersion, now: ContinuousClock.Instant) -> [WorkerEffect] {
        guard self.mirrorsAhead else { return [] }
        let isLost = self.newest.map { newest < $0 } ?? false
        self.newest = newest
        guard isLost else { return self.mirrorNext(now) }
        self.resident = self.resident.filter { $0 <= newest }
        self.installed = self.resident.max()
        if case .asking = self.transfer { self.transfer = .none }
        let effects = self.drop { held in
            if case .generating(let version) = held.stage { version > newest } else { false }
        }
        return effects + self.mirrorNext(now)
    }

    /// Asks for the newest version or, when it is here, for the one after it, which the learner gives when it has it.
    private mutating func mirrorNext(_ now: ContinuousClock.Instant) -> [WorkerEffect] {
        guard self.mirrorsAhead, !self.draining, let newest = self.newest else { return [] }
        let next = max(newest, self.resident.max()?.nextStep.endVersion ?? newest)
        switch self.transfer {
        case .none: return [self.ask(next, now)]
        // The learner gives nothing older than the newest.
        case .asking(let version, _) where version < newest: return [self.ask(next, now)]
        case .asking, .fetchingDeltas, .applying, .downloading, .installing: return []
        }
    }

    /// The versions that stay when another is swapped in; nil while the engine has no room for it, because groups are being
    /// sampled with what it has.
    private func kept(beside version: PolicyVersion) -> Set<PolicyVersion>? {
        var kept = self.used
        if self.settings.swap == .keep {
            kept = Set(self.held.values.filter { !$0.goesOn(with: version) }.compactMap(\.version))
        }
        guard !kept.contains(version), kept.count < self.settings.residentVersions else { return nil }
        for other in self.resident.subtracting(kept).sorted(by: >)
        where other != version && kept.count < self.settings.residentVersions - 1 {
            kept.insert(other)
        }
        return kept
    }

    // MARK: The transfer

    /// Whether nothing is being fetched that a lease waits for.
    var isFreeToAsk: Bool {
        switch self.transfer {
        case .none: true
        case .asking(let version, _):
            self.mirrorsAhead
                && !self.held.values.contains { $0.stage == .waitingForPolicy && $0.lease.allows(version) }
        case .fetchingDeltas, .applying, .downloading, .installing: false
        }
    }

    /// Asks the learner for a version, and what leads to it from the one that is here.
    mutating func ask(_ version: PolicyVersion, _ now: ContinuousClock.Instant) -> WorkerEffect {
        self.transfer = .asking(version, due: now + self.settings.requestTimeout)
        return .tellLearner(.manifestRequest(ManifestRequest(version: version, have: self.mirrored)))
    }

    /// A chunk arrived: if it is wanted, its bytes are hashed, which takes a while.
    package mutating func receive(
        _ chunk: PolicyChunk, payload: SharedBytes?, now: ContinuousClock.Instant
    ) -> [WorkerEffect] {
        if case .fetchingDeltas(let manifest, let deltas) = self.transfer {
            guard manifest.version == chunk.version, chunk.delta != nil else { return [] }
            guard let payload, let hash = deltas.hash(of: chunk, length: payload.count) else {
                return self.receivedPiece(chunk, nil, now: now)
            }
            return [.perform(.check(chunk, payload, hash: hash))]
        }
        guard let manifest = self.wantedManifest, manifest.version == chunk.version, chunk.delta == nil,
            let chunking = manifest.chunking, Int(chunk.index) < chunking.count
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
        if case .fetchingDeltas(let manifest, _) = self.transfer, manifest.version == chunk.version {
            return self.receivedPiece(chunk, isIntact ? payload : nil, now: now)
        }
        guard let manifest = self.wantedManifest, manifest.version == chunk.version, chunk.delta == nil,
            let chunking = manifest.chunking
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
        let receipt = download.received(Int(chunk.index), hashMatches: intact, now: now)
        self.count(receipt)
        if receipt == .stored { self.noteChunk(Int(chunk.index), of: manifest) }
        self.transfer = .downloading(manifest, download)
        return self.requestChunks(now)
    }

    /// `payload` is nil when it is not what the manifest says.
    private mutating func receivedPiece(
        _ piece: PolicyChunk, _ payload: SharedBytes?, now: ContinuousClock.Instant
    ) -> [WorkerEffect] {
        guard case .fetchingDeltas(let manifest, var deltas) = self.transfer else { return [] }
        self.count(deltas.received(piece, payload, now: now))
        self.transfer = .fetchingDeltas(manifest, deltas)
        return self.requestPieces(now)
    }

    private mutating func count(_ receipt: PolicyDownload.Receipt) {
        switch receipt {
        case .stored: self.counters[\.chunksStored] += 1
        case .duplicate: self.counters[\.chunksDuplicate] += 1
        case .corrupt, .noSuchChunk: self.counters[\.chunksDamaged] += 1
        }
    }

    /// The engine applied the deltas: the second buffer has chunks with these hashes. Those that are not the manifest's are
    /// fetched whole.
    package mutating func applied(
        _ manifest: PolicyManifest, hashes: [[UInt8]], now: ContinuousClock.Instant
    ) -> [WorkerEffect] {
        self.chunkHashes = hashes
        guard case .applying(let wanted) = self.transfer else { return [] }
        guard wanted == manifest else {
            self.transfer = .none
            return self.start(now)
        }
        self.counters[\.deltasApplied] += UInt64(manifest.deltas.count)
        let wrong = zip(hashes, manifest.chunkHashes).count { $0 != $1 }
        guard wrong > 0 else { return self.download(manifest, now) }
        self.counters[\.deltasFailed] += 1
        let text =
            "the deltas from policy \(manifest.deltas.first?.base.version ?? manifest.version) to \(manifest.version) "
            + "make \(wrong) of \(hashes.count) chunks wrong; those are fetched whole"
        return [.tellOperator(.warning, text)] + self.download(manifest, now)
    }

    /// The learner no longer has the version asked for; it is asked again later, unless the lease ends before.
    package mutating func policyRefused(_ reason: String, now: ContinuousClock.Instant) -> [WorkerEffect] {
        switch self.transfer {
        case .none, .applying, .installing: return []
        case .asking(let version, _): self.transfer = .asking(version, due: now + self.settings.requestTimeout)
        case .fetchingDeltas(let manifest, _), .downloading(let manifest, _):
            self.transfer = .asking(manifest.version, due: now + self.settings.requestTimeout)
        }
        // A learner that does not wait for its workers has gone on: no reason to warn.
        if self.mirrorsAhead { return self.mirrorNext(now) }
        return [.tellOperator(.warning, "the learner refused a policy request: \(reason)")]
    }

    /// The swap is done.
    package mutating func installed(_ manifest: PolicyManifest, now: ContinuousClock.Instant) -> [WorkerEffect] {
        // Of another run, or what it was before the run was another: its versions are none of this one's.
        guard case .installing(manifest) = self.transfer else { return [] }
        self.resident.insert(manifest.version)
        self.installed = self.resident.max()
        self.transfer = .none
        return self.start(now) + self.mirrorNext(now)
    }

    /// The version whose chunks are wanted now.
    package var wantedManifest: PolicyManifest? {
        if case .downloading(let manifest, _) = self.transfer { manifest } else { nil }
    }

    /// What the policy transfer waits for; nil when it waits for nobody.
    var transferWait: Wait? {
        switch self.transfer {
        case .none, .applying, .installing: return nil
        case .asking(let version, _): return .answer(about: version)
        case .fetchingDeltas(let manifest, let deltas):
            return .pieces(of: manifest.version, missing: deltas.missing, count: deltas.count)
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
        case .none:
            return self.mirrorNext(now)
        case .applying, .installing:
            return []
        case .asking(let version, let due):
            guard due <= now else { return [] }
            guard self.isWanted(version) else {
                self.transfer = .none
                return self.mirrorNext(now)
            }
            return [self.ask(version, now)]
        case .fetchingDeltas(let manifest, _), .downloading(let manifest, _):
            guard self.isWanted(manifest.version) else {
                self.transfer = .none
                return []
            }
            if case .downloading = self.transfer { return self.requestChunks(now) }
            return self.requestPieces(now)
        }
    }

    private func isWanted(_ version: PolicyVersion) -> Bool {
        self.held.values.contains { $0.lease.allows(version) }
            || self.mirrorsAhead && self.resident.allSatisfy { $0 < version }
    }

    /// The second buffer may stay a mixture of versions when a download ends early: each chunk's hash says what it is.
    private mutating func noteChunk(_ index: Int, of manifest: PolicyManifest) {
        let missing = manifest.chunkHashes.count - self.chunkHashes.count
        if missing > 0 { self.chunkHashes += Array(repeating: [], count: missing) }
        self.chunkHashes[index] = manifest.chunkHashes[index]
        self.mirrored = nil
    }

    private mutating func requestPieces(_ now: ContinuousClock.Instant) -> [WorkerEffect] {
        guard case .fetchingDeltas(let manifest, var deltas) = self.transfer else { return [] }
        if deltas.isComplete {
            // Until it is done nobody knows what the buffer holds.
            self.mirrored = nil
            self.chunkHashes = []
            self.transfer = .applying(manifest)
            return [.perform(.apply(deltas.contents, manifest))]
        }
        if let failure = deltas.failure {
            self.counters[\.deltasFailed] += 1
            let text = "the deltas to policy \(manifest.version) could not be fetched, fetching it whole: \(failure)"
            return [.tellOperator(.warning, text)] + self.download(manifest, now)
        }
        let requests = deltas.next(now: now)
        self.transfer = .fetchingDeltas(manifest, deltas)
        return requests.map { .tellLearner(.chunkRequest($0)) }
    }

    /// The engine goes on with a version where it samples with one that is not kept.
    private mutating func goOn(with version: PolicyVersion, keeping kept: Set<PolicyVersion>) {
        for (id, held) in self.held {
            guard let own = held.version, !kept.contains(own) else { continue }
            self.held[id]?.stage = .generating(version)
            self.counters[\.groupsSwapped] += 1
        }
    }

    private mutating func requestChunks(_ now: ContinuousClock.Instant) -> [WorkerEffect] {
        guard case .downloading(let manifest, var download) = self.transfer else { return [] }
        if download.isComplete {
            self.chunkHashes = manifest.chunkHashes
            self.mirrored = manifest.held
            // Groups finish with the version they began with, or go on with this one.
            guard let kept = self.kept(beside: manifest.version) else { return [] }
            self.resident = kept
            self.transfer = .installing(manifest)
            self.goOn(with: manifest.version, keeping: kept)
            return [.perform(.install(manifest, keeping: kept))]
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

extension WorkerState.Held {
    /// What it is being sampled with; nil when it is not.
    fileprivate var version: PolicyVersion? { if case .generating(let version) = self.stage { version } else { nil } }

    /// Whether a version may draw its next tokens: an evaluation is of its own version, and no response goes back to an
    /// older one, which comes after a newer where the learner lost the newer with its disk.
    fileprivate func goesOn(with version: PolicyVersion) -> Bool {
        self.lease.allows(version) && self.version.map { $0 <= version } ?? true
    }
}
