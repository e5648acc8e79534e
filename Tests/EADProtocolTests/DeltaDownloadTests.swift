import EADCore
import EADMessages
import EADProtocol
import EADTestKit
import Testing

@Suite struct DeltaDownloadTests {
    private let now = ContinuousClock.Instant.now
    private static func hash(_ value: UInt8) -> [UInt8] { [UInt8](repeating: value, count: 32) }

    private static func delta(from version: UInt64, root: UInt8? = nil, bytes: UInt64 = 10) -> PolicyDelta {
        let pieces = Int((bytes - 1) / UInt64(PolicyManifest.maximumChunkBytes)) + 1
        return PolicyDelta(
            base: HeldPolicy(version: PolicyVersion(version), rootHash: Self.hash(root ?? UInt8(version))),
            totalBytes: bytes, pieceHashes: (0..<pieces).map { Self.hash(UInt8(version * 10) + UInt8($0)) })
    }

    private static func manifest(
        _ version: UInt64, deltas: [PolicyDelta] = [], bytes: UInt64 = 40 << 20, chunkBytes: UInt32 = 4 << 20,
        precision: Precision = .bf16
    ) -> PolicyManifest {
        PolicyManifest(
            version: PolicyVersion(version), precision: precision, totalBytes: bytes, chunkBytes: chunkBytes,
            chunkHashes: Array(repeating: Self.hash(0), count: Int((bytes - 1) / UInt64(chunkBytes)) + 1),
            rootHash: Self.hash(UInt8(version)), deltas: deltas)
    }

    private static func held(_ version: UInt64) -> HeldPolicy {
        HeldPolicy(version: PolicyVersion(version), rootHash: self.hash(UInt8(version)))
    }

    private static func download(_ manifest: PolicyManifest, from held: HeldPolicy?) -> DeltaDownload? {
        DeltaDownload(manifest, from: held, credit: 2, timeout: .seconds(1), maximumAttempts: 3)
    }

    // MARK: What a worker takes

    @Test func onlyAChainFromWhatIsHereToTheVersionIsFollowed() {
        let chain = [Self.delta(from: 3), Self.delta(from: 4)]
        #expect(Self.download(Self.manifest(5, deltas: chain), from: Self.held(3)) != nil)
        #expect(Self.download(Self.manifest(5, deltas: chain), from: nil) == nil)
        #expect(Self.download(Self.manifest(5, deltas: []), from: Self.held(3)) == nil)
        #expect(Self.download(Self.manifest(5, deltas: chain), from: Self.held(4)) == nil, "another version")
        #expect(Self.download(Self.manifest(6, deltas: chain), from: Self.held(3)) == nil, "ends early")
        #expect(Self.download(Self.manifest(5, deltas: chain.reversed()), from: Self.held(3)) == nil, "out of order")
        let other = [Self.delta(from: 3, root: 77), Self.delta(from: 4)]
        #expect(Self.download(Self.manifest(5, deltas: other), from: Self.held(3)) == nil, "other weights")
    }

    @Test func deltasThatCannotBeThatLongAreNotFetched() {
        let long = [Self.delta(from: 3, bytes: 12 << 20), Self.delta(from: 4, bytes: 12 << 20)]
        #expect(Self.download(Self.manifest(5, deltas: long), from: Self.held(3)) == nil)
        var lie = Self.delta(from: 4)
        lie.totalBytes = 5 << 20
        #expect(Self.download(Self.manifest(5, deltas: [lie]), from: Self.held(4)) == nil, "one hash for two pieces")
    }

    @Test func onlyPoliciesOfWordsHaveDeltas() {
        let deltas = [Self.delta(from: 4)]
        #expect(Self.download(Self.manifest(5, deltas: deltas, precision: .f32), from: Self.held(4)) == nil)
        #expect(Self.download(Self.manifest(5, deltas: deltas, bytes: 101), from: Self.held(4)) == nil)
        #expect(Self.download(Self.manifest(5, deltas: deltas, bytes: 90, chunkBytes: 9), from: Self.held(4)) == nil)
    }

    @Test func piecesAreAskedForOnCreditAndComeOutInOrder() throws {
        let chain = [Self.delta(from: 3, bytes: 5 << 20), Self.delta(from: 4)]
        var download = try #require(Self.download(Self.manifest(5, deltas: chain), from: Self.held(3)))
        func piece(_ index: UInt32, of delta: UInt64) -> PolicyChunk {
            PolicyChunk(version: PolicyVersion(5), index: index, delta: PolicyVersion(delta))
        }
        #expect(
            download.next(now: self.now) == [
                ChunkRequest(version: PolicyVersion(5), index: 0, delta: PolicyVersion(4)),
                ChunkRequest(version: PolicyVersion(5), index: 1, delta: PolicyVersion(4)),
            ])
        #expect(download.hash(of: piece(1, of: 4), length: 1 << 20) == Self.hash(31))
        #expect(
            download.hash(of: piece(1, of: 4), length: 7) == nil
                && download.hash(of: piece(0, of: 9), length: 10) == nil)
        #expect(download.received(piece(1, of: 4), SharedBytes([2]), now: self.now) == .stored)
        #expect(download.received(piece(0, of: 4), nil, now: self.now) == .corrupt)
        #expect(download.received(piece(3, of: 4), SharedBytes([9]), now: self.now) == .noSuchChunk)
        #expect(download.next(now: self.now).count == 2)
        #expect(download.received(piece(0, of: 4), SharedBytes([1]), now: self.now) == .stored)
        #expect(download.received(piece(0, of: 5), SharedBytes([3]), now: self.now) == .stored)
        #expect(download.isComplete && download.missing == 0)
        #expect(download.contents == [[SharedBytes([1]), SharedBytes([2])], [SharedBytes([3])]])
    }

    // MARK: What a learner gives

    private static func published(_ version: UInt64, bytes: Int = 10) -> PublishedDelta {
        PublishedDelta(
            self.delta(from: version - 1, bytes: UInt64(bytes)), bytes: SharedBytes([UInt8](repeating: 1, count: bytes))
        )
    }

    private func offer(through versions: ClosedRange<UInt64>, memory: UInt64 = 1000) -> PolicyOffer {
        let bytes = SharedBytes([0])
        var offer = PolicyOffer(awaiting: PolicyVersion(versions.lowerBound), deltaMemory: memory)
        _ = offer.publish(Self.manifest(versions.lowerBound), bytes: bytes)
        for version in versions.dropFirst() {
            _ = offer.publish(Self.manifest(version), bytes: bytes, delta: Self.published(version, bytes: 300))
        }
        return offer
    }

    private func deltas(_ offer: PolicyOffer, have: HeldPolicy?, version: UInt64) -> [UInt64]? {
        var offer = offer
        let request = ManifestRequest(version: PolicyVersion(version), have: have)
        guard case .manifest(let manifest) = offer.describe(request, to: "worker", number: 1) else { return nil }
        return manifest.deltas.map(\.version.rawValue)
    }

    @Test func aWorkerIsGivenTheDeltasFromTheVersionItHas() {
        let offer = self.offer(through: 4...7)
        #expect(self.deltas(offer, have: Self.held(6), version: 7) == [7])
        #expect(self.deltas(offer, have: Self.held(4), version: 7) == [5, 6, 7])
        #expect(self.deltas(offer, have: Self.held(3), version: 7) == [], "before the learner's life")
        #expect(self.deltas(offer, have: nil, version: 7) == [])
        let stranger = HeldPolicy(version: PolicyVersion(6), rootHash: Self.hash(66))
        #expect(self.deltas(offer, have: stranger, version: 7) == [], "the same version of another run")
    }

    @Test func theOldestDeltasAreForgottenBeyondTheMemoryForThem() {
        let offer = self.offer(through: 4...9, memory: 1000)
        #expect(self.deltas(offer, have: Self.held(6), version: 9) == [7, 8, 9])
        #expect(self.deltas(offer, have: Self.held(5), version: 9) == [])
        let request = ChunkRequest(version: PolicyVersion(9), index: 0, delta: PolicyVersion(6))
        guard case .refusal = offer.chunk(request) else { return #expect(Bool(false), "it is gone") }
    }

    @Test func aVersionWithoutADeltaBreaksTheChain() {
        var offer = self.offer(through: 4...6)
        _ = offer.publish(Self.manifest(7), bytes: SharedBytes([0]))
        _ = offer.publish(Self.manifest(8), bytes: SharedBytes([0]), delta: Self.published(8))
        #expect(self.deltas(offer, have: Self.held(6), version: 8) == [])
        #expect(self.deltas(offer, have: Self.held(7), version: 8) == [8])
    }

    @Test func piecesAreToBeHadWhileTheNextVersionIsWritten() {
        var offer = self.offer(through: 4...6)
        offer.withdraw()
        let request = ChunkRequest(version: PolicyVersion(6), index: 0, delta: PolicyVersion(6))
        guard case .chunk(let chunk, let bytes) = offer.chunk(request) else {
            return #expect(Bool(false), "the delta is there")
        }
        #expect(
            chunk == PolicyChunk(version: PolicyVersion(6), index: 0, delta: PolicyVersion(6)) && bytes.count == 300)
        guard case .refusal = offer.chunk(ChunkRequest(version: PolicyVersion(6), index: 1, delta: PolicyVersion(6)))
        else { return #expect(Bool(false), "there is one piece") }
    }
}
