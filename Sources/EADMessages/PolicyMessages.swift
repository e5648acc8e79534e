package import EADCore

/// A worker asks for the description of a policy version.
package struct ManifestRequest: Hashable, Sendable {
    package var version: PolicyVersion
    /// What the worker has of another version, whole: deltas from there may spare it the chunks. Nil when it wants none.
    package var have: HeldPolicy?

    package init(version: PolicyVersion, have: HeldPolicy? = nil) {
        self.version = version
        self.have = have
    }
}

/// A policy that somebody holds whole.
package struct HeldPolicy: Hashable, Sendable {
    package var version: PolicyVersion
    /// 32 bytes; see `PolicyManifest.rootHash`.
    package var rootHash: [UInt8]

    package init(version: PolicyVersion, rootHash: [UInt8]) {
        self.version = version
        self.rootHash = rootHash
    }
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
    /// Applied in this order, they make this version of the one that the request has; none when there are only chunks.
    package var deltas: [PolicyDelta]

    package init(
        version: PolicyVersion, precision: Precision, totalBytes: UInt64, chunkBytes: UInt32, chunkHashes: [[UInt8]],
        rootHash: [UInt8], deltas: [PolicyDelta] = []
    ) {
        self.version = version
        self.precision = precision
        self.totalBytes = totalBytes
        self.chunkBytes = chunkBytes
        self.chunkHashes = chunkHashes
        self.rootHash = rootHash
        self.deltas = deltas
    }

    /// The version as something that a worker holds.
    package var held: HeldPolicy { HeldPolicy(version: self.version, rootHash: self.rootHash) }
}

/// What makes a policy version of the one before it; its bytes are fetched in pieces, as a policy is in chunks.
package struct PolicyDelta: Hashable, Sendable {
    /// What it is applied to.
    package var base: HeldPolicy
    package var totalBytes: UInt64
    /// SHA-256 of each piece of `PolicyManifest.maximumChunkBytes`, the last of which has the rest.
    package var pieceHashes: [[UInt8]]

    package init(base: HeldPolicy, totalBytes: UInt64, pieceHashes: [[UInt8]]) {
        self.base = base
        self.totalBytes = totalBytes
        self.pieceHashes = pieceHashes
    }

    /// What it makes.
    package var version: PolicyVersion { self.base.version.nextStep.endVersion }
}

/// A worker asks for one chunk; the number of unanswered requests is its credit.
package struct ChunkRequest: Hashable, Sendable {
    package var version: PolicyVersion
    package var index: UInt32
    /// Nil for a chunk of the parameters; else it is a piece of the delta that makes this version.
    package var delta: PolicyVersion?

    package init(version: PolicyVersion, index: UInt32, delta: PolicyVersion? = nil) {
        self.version = version
        self.index = index
        self.delta = delta
    }
}

/// Announces the chunk whose bytes are the payload frame of the same ZeroMQ message.
package struct PolicyChunk: Hashable, Sendable {
    package var version: PolicyVersion
    package var index: UInt32
    /// Nil for a chunk of the parameters; else it is a piece of the delta that makes this version.
    package var delta: PolicyVersion?

    package init(version: PolicyVersion, index: UInt32, delta: PolicyVersion? = nil) {
        self.version = version
        self.index = index
        self.delta = delta
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
    /// The step the learner trains next, where it has none of the reports of the steps before it to give; else nil.
    package var nextStep: GlobalStep?

    package init(
        step: GlobalStep, slots: [UInt32], slotCount: UInt32 = 0, discarded: [DiscardedGroup] = [],
        nextStep: GlobalStep? = nil
    ) {
        self.step = step
        self.slots = slots
        self.slotCount = slotCount
        self.discarded = discarded
        self.nextStep = nextStep
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
