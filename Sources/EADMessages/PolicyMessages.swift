package import EADCore

/// A worker asks for the description of a policy version.
package struct ManifestRequest: Hashable, Sendable {
    package var version: PolicyVersion

    package init(version: PolicyVersion) { self.version = version }
}

/// What a policy version consists of: its parameters in layout order, cut into chunks, each with its hash.
package struct PolicyManifest: Hashable, Sendable {
    /// Chunks are at most this long (4 MiB); all but the last have the same length.
    package static let maximumChunkBytes = 4 << 20

    package var version: PolicyVersion
    package var precision: Precision
    package var totalBytes: UInt64
    package var chunkBytes: UInt32
    /// SHA-256 of each chunk, 32 bytes each.
    package var chunkHashes: [[UInt8]]
    /// SHA-256 of the concatenated chunk hashes.
    package var rootHash: [UInt8]

    package init(
        version: PolicyVersion, precision: Precision, totalBytes: UInt64, chunkBytes: UInt32, chunkHashes: [[UInt8]],
        rootHash: [UInt8]
    ) {
        self.version = version
        self.precision = precision
        self.totalBytes = totalBytes
        self.chunkBytes = chunkBytes
        self.chunkHashes = chunkHashes
        self.rootHash = rootHash
    }
}

/// A worker asks for one chunk; the number of unanswered requests is its credit.
package struct ChunkRequest: Hashable, Sendable {
    package var version: PolicyVersion
    package var index: UInt32

    package init(version: PolicyVersion, index: UInt32) {
        self.version = version
        self.index = index
    }
}

/// Announces the chunk whose bytes are the payload frame of the same ZeroMQ message.
package struct PolicyChunk: Hashable, Sendable {
    package var version: PolicyVersion
    package var index: UInt32

    package init(version: PolicyVersion, index: UInt32) {
        self.version = version
        self.index = index
    }
}

/// The learner holds these groups of a step durably; sent on every change and complete each time.
package struct GroupsAccepted: Hashable, Sendable {
    package var step: GlobalStep
    package var slots: [UInt32]
    /// Slots the step has by now, these included: one per prompt, and one for each group that takes the place of a
    /// filtered one. 0 says the first.
    package var slotCount: UInt32
    /// Groups of the step that were accepted and thrown out again, all of them, in the order of that.
    package var discarded: [DiscardedGroup]

    package init(step: GlobalStep, slots: [UInt32], slotCount: UInt32 = 0, discarded: [DiscardedGroup] = []) {
        self.step = step
        self.slots = slots
        self.slotCount = slotCount
        self.discarded = discarded
    }
}

/// The learner finished a step and published the version after it.
package struct StepReport: Hashable, Sendable {
    package var step: GlobalStep
    /// `step + 1`.
    package var version: PolicyVersion
    /// Root hash of the published version.
    package var rootHash: [UInt8]
    package var metrics: MetricValues

    package init(step: GlobalStep, version: PolicyVersion, rootHash: [UInt8], metrics: MetricValues) {
        self.step = step
        self.version = version
        self.rootHash = rootHash
        self.metrics = metrics
    }
}
