package import EADCore
package import EADMessages

/// The giving half of mirroring a policy: one version to be had, and those who wait for the next.
///
/// `PolicyDownload` is the other half.
package struct PolicyOffer<Peer: Hashable & Sendable>: Sendable {
    /// What a request is answered with.
    package enum Answer: Hashable, Sendable {
        case manifest(PolicyManifest)
        case chunk(PolicyChunk, SharedBytes)
        case refusal(String)
        /// Nothing now: it is answered when the version is there, and asked again should this process die before.
        case later
    }

    /// Of the version to be had, or of the last one while the next takes its place.
    package private(set) var manifest: PolicyManifest
    /// Nil while the next version is written into their memory.
    private var bytes: SharedBytes?
    private var parked: [(peer: Peer, request: ManifestRequest, number: UInt64)] = []

    package init(_ manifest: PolicyManifest, bytes: SharedBytes) {
        self.manifest = manifest
        self.bytes = bytes
    }

    /// Of the weights, published or about to be.
    package var latestVersion: PolicyVersion {
        self.bytes == nil ? self.manifest.version.nextStep.endVersion : self.manifest.version
    }

    /// Lets go of the version's bytes, to make room for the next; until then nobody can fetch anything.
    package mutating func withdraw() { self.bytes = nil }

    /// Gives a version from now on.
    /// - Returns: Answers to those who waited for it, in the order they asked.
    package mutating func publish(
        _ manifest: PolicyManifest, bytes: SharedBytes
    ) -> [(answer: Answer, peer: Peer, number: UInt64)] {
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
        if request.version == self.manifest.version { return .manifest(self.manifest) }
        self.parked.removeAll { $0.peer == peer }
        self.parked.append((peer, request, number))
        return .later
    }

    /// Gives a chunk of the version to be had.
    package func chunk(_ request: ChunkRequest) -> Answer {
        guard let bytes = self.bytes, request.version == self.manifest.version, let chunking = self.manifest.chunking,
            Int(request.index) < chunking.count
        else {
            return .refusal(
                "the policy here is version \(self.latestVersion); chunk \(request.index) of version "
                    + "\(request.version) is not to be had")
        }
        let range = chunking.range(of: Int(request.index))
        let chunk = PolicyChunk(version: request.version, index: request.index)
        return .chunk(chunk, bytes.slice(Int(range.lowerBound)..<Int(range.upperBound)))
    }
}
