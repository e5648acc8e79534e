import CEADMessages
import EADCore

extension ManifestRequest: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__ManifestRequest>) {
        ead__v1__manifest_request__init(wire)
    }

    func fill(_ wire: inout Ead__V1__ManifestRequest, in arena: borrowing WireArena) {
        wire.version = self.version.rawValue
        guard let have = self.have else { return }
        wire.have_root = arena.bytes(have.rootHash)
        wire.have_version = have.version.rawValue
    }

    init(wire: Ead__V1__ManifestRequest) throws(DecodeError) {
        let have = try WireField.counter(wire.have_version, "haveVersion")
        self.init(
            version: PolicyVersion(try WireField.counter(wire.version, "version")),
            have: wire.have_root.len == 0
                ? nil
                : HeldPolicy(version: PolicyVersion(have), rootHash: try wire.have_root.bytes(32, "haveRoot")))
    }
}

extension PolicyManifest: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__PolicyManifest>) { ead__v1__policy_manifest__init(wire) }

    func fill(_ wire: inout Ead__V1__PolicyManifest, in arena: borrowing WireArena) {
        wire.version = self.version.rawValue
        wire.precision = self.precision.wire
        wire.total_bytes = self.totalBytes
        wire.chunk_bytes = self.chunkBytes
        wire.n_chunk_hashes = self.chunkHashes.count
        wire.chunk_hashes = arena.numbers(self.chunkHashes.map { arena.bytes($0) })
        wire.root_hash = arena.bytes(self.rootHash)
        wire.n_deltas = self.deltas.count
        wire.deltas = arena.messages(self.deltas)
    }

    init(wire: Ead__V1__PolicyManifest) throws(DecodeError) {
        let total = try WireField.counter(wire.total_bytes, "totalBytes", in: 1...WireField.counters.upperBound)
        let size = try WireField.counter(
            UInt64(wire.chunk_bytes), "chunkBytes", in: 1...UInt64(Self.maximumChunkBytes))
        let hashes = try WireField.hashes(
            wire.chunk_hashes, count: wire.n_chunk_hashes, of: total, cutInto: size, "chunkHashes")
        self.init(
            version: PolicyVersion(try WireField.counter(wire.version, "version")),
            precision: try Precision(wire: wire.precision, "precision"),
            totalBytes: total,
            chunkBytes: UInt32(size),
            chunkHashes: hashes,
            rootHash: try wire.root_hash.bytes(32, "rootHash"),
            deltas: try PolicyDelta.read(wire.deltas, count: wire.n_deltas, "deltas"))
    }
}

extension PolicyDelta: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__PolicyDelta>) { ead__v1__policy_delta__init(wire) }

    func fill(_ wire: inout Ead__V1__PolicyDelta, in arena: borrowing WireArena) {
        wire.base_version = self.base.version.rawValue
        wire.base_root = arena.bytes(self.base.rootHash)
        wire.total_bytes = self.totalBytes
        wire.n_piece_hashes = self.pieceHashes.count
        wire.piece_hashes = arena.numbers(self.pieceHashes.map { arena.bytes($0) })
    }

    init(wire: Ead__V1__PolicyDelta) throws(DecodeError) {
        let total = try WireField.counter(wire.total_bytes, "totalBytes", in: 1...WireField.counters.upperBound)
        self.init(
            base: HeldPolicy(
                version: PolicyVersion(try WireField.counter(wire.base_version, "base.version")),
                rootHash: try wire.base_root.bytes(32, "base.rootHash")),
            totalBytes: total,
            pieceHashes: try WireField.hashes(
                wire.piece_hashes, count: wire.n_piece_hashes, of: total,
                cutInto: UInt64(PolicyManifest.maximumChunkBytes), "pieceHashes"))
    }
}

extension WireField {
    /// One hash per piece of `total` bytes, all of `size` but the last.
    static func hashes(
        _ wire: UnsafeMutablePointer<ProtobufCBinaryData>?, count: Int, of total: UInt64, cutInto size: UInt64,
        _ name: String
    ) throws(DecodeError) -> [[UInt8]] {
        let pieces = Int((total + size - 1) / size)
        guard count == pieces else {
            throw DecodeError(.wrongLength(found: count, expected: pieces...pieces), at: name)
        }
        var hashes: [[UInt8]] = []
        hashes.reserveCapacity(pieces)
        for (index, hash) in UnsafeBufferPointer(start: wire, count: pieces).enumerated() {
            hashes.append(try hash.bytes(32, "\(name)[\(index)]"))
        }
        return hashes
    }
}

extension ChunkRequest: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__ChunkRequest>) { ead__v1__chunk_request__init(wire) }

    func fill(_ wire: inout Ead__V1__ChunkRequest, in arena: borrowing WireArena) {
        wire.version = self.version.rawValue
        wire.index = self.index
        wire.delta_of = self.delta?.rawValue ?? 0
    }

    init(wire: Ead__V1__ChunkRequest) throws(DecodeError) {
        let delta = try WireField.counter(wire.delta_of, "delta")
        self.init(
            version: PolicyVersion(try WireField.counter(wire.version, "version")),
            index: try WireField.count(wire.index, "index"),
            delta: delta == 0 ? nil : PolicyVersion(delta))
    }
}

extension PolicyChunk: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__PolicyChunk>) { ead__v1__policy_chunk__init(wire) }

    func fill(_ wire: inout Ead__V1__PolicyChunk, in arena: borrowing WireArena) {
        wire.version = self.version.rawValue
        wire.index = self.index
        wire.delta_of = self.delta?.rawValue ?? 0
    }

    init(wire: Ead__V1__PolicyChunk) throws(DecodeError) {
        let delta = try WireField.counter(wire.delta_of, "delta")
        self.init(
            version: PolicyVersion(try WireField.counter(wire.version, "version")),
            index: try WireField.count(wire.index, "index"),
            delta: delta == 0 ? nil : PolicyVersion(delta))
    }
}

extension GroupsAccepted: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__GroupsAccepted>) { ead__v1__groups_accepted__init(wire) }

    func fill(_ wire: inout Ead__V1__GroupsAccepted, in arena: borrowing WireArena) {
        wire.step = self.step.rawValue
        wire.n_slots = self.slots.count
        wire.slots = arena.numbers(self.slots)
        wire.slot_count = self.slotCount
        wire.n_discarded = self.discarded.count
        wire.discarded = arena.messages(self.discarded)
        wire.next_step = self.nextStep?.rawValue ?? 0
    }

    init(wire: Ead__V1__GroupsAccepted) throws(DecodeError) {
        let step = GlobalStep(try WireField.counter(wire.step, "step"))
        let nextStep = try WireField.counter(wire.next_step, "nextStep", in: 0...step.rawValue)
        self.init(
            step: step, slots: try WireField.counts(wire.slots, count: wire.n_slots, "slots"),
            slotCount: try WireField.count(wire.slot_count, "slotCount"),
            discarded: try DiscardedGroup.read(wire.discarded, count: wire.n_discarded, of: step, "discarded"),
            nextStep: nextStep == 0 ? nil : GlobalStep(nextStep))
    }
}

extension StepReport: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__StepReport>) { ead__v1__step_report__init(wire) }

    func fill(_ wire: inout Ead__V1__StepReport, in arena: borrowing WireArena) {
        wire.step = self.step.rawValue
        wire.version = self.version.rawValue
        wire.root_hash = arena.bytes(self.rootHash)
        (wire.n_metrics, wire.metrics) = arena.metrics(self.metrics)
    }

    init(wire: Ead__V1__StepReport) throws(DecodeError) {
        let step = try WireField.counter(wire.step, "step")
        self.init(
            step: GlobalStep(step),
            version: PolicyVersion(try WireField.counter(wire.version, "version", in: step + 1...step + 1)),
            rootHash: try wire.root_hash.bytes(32, "rootHash"),
            metrics: try MetricValues(wire.metrics, count: wire.n_metrics, "metrics"))
    }
}
