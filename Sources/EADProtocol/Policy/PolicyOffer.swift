package import EADCore
package import EADMessages

/// The giving half of mirroring a policy: one version to be had, and those who wait for the next.
///
/// `PolicyDownload` is the other half.
package struct PolicyOffer: Sendable {
    /// What a request is answered with.
    package enum Answer: Hashable, Sendable {
        case manifest(PolicyManifest)
        case chunk(PolicyChunk, SharedBytes)
        case refusal(String)
        /// Nothing now: it is answered when the version is there, and asked again should this process die before.
        case later
    }

    /// Of the version to be had, or of the last one while the next takes its place.
    ///
    /// Nil before the first.
    package private(set) var manifest: PolicyManifest?
    /// Nil while the next version is written into their memory.
    private var bytes: SharedBytes?
    /// How the versions before became this one.
    private var deltas: DeltaRing
    private let first: PolicyVersion
    private var parked: [(peer: Peer, request: ManifestRequest, number: UInt64)] = []

    /// Nothing is to be had yet.
    /// - Parameters:
    ///   - first: The version that will be, before any other.
    ///   - deltaMemory: Bytes of deltas that are kept for workers some versions behind.
    package init(awaiting first: PolicyVersion, deltaMemory: UInt64 = 48 << 20) {
        self.first = first
        self.deltas = DeltaRing(limit: deltaMemory)
    }

    /// Of the weights, published or about to be.
    package var latestVersion: PolicyVersion {
        guard let version = self.manifest?.version else { return self.first }
        return self.bytes == nil ? version.nextStep.endVersion : version
    }

    /// Lets go of the version's bytes, to make room for the next; until then nobody can fetch anything.
    package mutating func withdraw() { self.bytes = nil }

    /// Gives a version from now on.
    ///
    /// - Parameter delta: What made it of the version before it; nil when it can only be fetched whole.
    /// - Returns: Answers to those who waited for it, in the order they asked.
    package mutating func publish(
        _ manifest: PolicyManifest, bytes: SharedBytes, delta: PublishedDelta? = nil
    ) -> [(answer: Answer, peer: Peer, number: UInt64)] {
        let isNext = delta?.description.base == self.manifest?.held && delta?.description.version == manifest.version
        self.deltas.append(isNext ? delta : nil)
        self.manifest = manifest
        self.bytes = bytes
        let waiting = self.parked
        self.parked = []
        return waiting.map { entry in
            (self.describe(entry.request, to: entry.peer, number: entry.number), entry.peer, entry.number)
        }
    }

    /// Describes a version.
    package mutating func describe(_ request: ManifestRequest, to peer: Peer, number: UInt64) -> Answer {
        guard request.version >= self.latestVersion else {
            return .refusal("the policy here is version \(self.latestVersion), version \(request.version) is gone")
        }
        if var manifest = self.manifest, request.version == manifest.version {
            if let have = request.have {
                manifest.deltas = self.deltas.chain(from: have, limit: manifest.deltaLimit)
            }
            return .manifest(manifest)
        }
        self.parked.removeAll { $0.peer == peer }
        self.parked.append((peer, request, number))
        return .later
    }

    /// Gives a chunk of the version to be had, or a piece of a delta.
    package func chunk(_ request: ChunkRequest) -> Answer {
        if let delta = request.delta { return self.piece(request, of: delta) }
        guard let bytes = self.bytes, let manifest = self.manifest, request.version == manifest.version,
            let chunk = manifest.chunking?.slice(Int(request.index), of: bytes)
        else {
            return .refusal(
                "the policy here is version \(self.latestVersion); chunk \(request.index) of version "
                    + "\(request.version) is not to be had")
        }
        return .chunk(PolicyChunk(version: request.version, index: request.index), chunk)
    }

    private func piece(_ request: ChunkRequest, of delta: PolicyVersion) -> Answer {
        guard let bytes = self.deltas.piece(Int(request.index), of: delta) else {
            return .refusal(
                "the policy here is version \(self.latestVersion); piece \(request.index) of the delta that makes version "
                    + "\(delta) is not to be had")
        }
        return .chunk(PolicyChunk(version: request.version, index: request.index, delta: delta), bytes)
    }
}

/// A delta with its bytes.
package struct PublishedDelta: Hashable, Sendable {
    package let description: PolicyDelta
    package let bytes: SharedBytes

    package init(_ description: PolicyDelta, bytes: SharedBytes) {
        precondition(description.totalBytes == UInt64(bytes.count), "a delta is as long as it is said to be")
        self.description = description
        self.bytes = bytes
    }
}
