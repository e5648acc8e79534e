public import EADCore

/// A worker asks for the description of a policy version.
public struct ManifestRequest: Hashable, Sendable {
    public var version: PolicyVersion

    public init(version: PolicyVersion) { self.version = version }
}

/// What a policy version consists of: its parameters in layout order, cut into chunks, each with its hash.
public struct PolicyManifest: Hashable, Sendable {
    /// Chunks are at most this long (4 MiB); all but the last have the same length.
    public static let maximumChunkBytes = 4 << 20

    public var version: PolicyVersion
    public var precision: Precision
    public var totalBytes: UInt64
    public var chunkBytes: UInt32
    /// SHA-256 of each chunk, 32 bytes each.
    public var chunkHashes: [[UInt8]]
    /// SHA-256 of the concatenated chunk hashes.
    public var rootHash: [UInt8]

    public init(
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
public struct ChunkRequest: Hashable, Sendable {
    public var version: PolicyVersion
    public var index: UInt32

    public init(version: PolicyVersion, index: UInt32) {
        self.version = version
        self.index = index
    }
}

/// Announces the chunk whose bytes are the payload frame of the same ZeroMQ message.
public struct PolicyChunk: Hashable, Sendable {
    public var version: PolicyVersion
    public var index: UInt32

    public init(version: PolicyVersion, index: UInt32) {
        self.version = version
        self.index = index
    }
}

/// The learner holds these groups of a step durably; sent on every change and complete each time.
public struct GroupsAccepted: Hashable, Sendable {
    public var step: GlobalStep
    public var slots: [UInt32]
    /// Slots the step has by now, these included: one per prompt, and one for each group that takes the place of a
    /// filtered one. 0 says the first.
    public var slotCount: UInt32

    public init(step: GlobalStep, slots: [UInt32], slotCount: UInt32 = 0) {
        self.step = step
        self.slots = slots
        self.slotCount = slotCount
    }
}

/// The learner finished a step and published the version after it.
public struct StepReport: Hashable, Sendable {
    public var step: GlobalStep
    /// `step + 1`.
    public var version: PolicyVersion
    /// Root hash of the published version.
    public var rootHash: [UInt8]
    /// Named measurements in a fixed order; names are listed in docs/metrics.md.
    public var metrics: [Metric]

    public init(step: GlobalStep, version: PolicyVersion, rootHash: [UInt8], metrics: [Metric]) {
        self.step = step
        self.version = version
        self.rootHash = rootHash
        self.metrics = metrics
    }
}

/// One named number.
public struct Metric: Hashable, Sendable {
    public var name: String
    public var value: Double

    public init(name: String, value: Double) {
        self.name = name
        self.value = value
    }
}
