import EADCore
import EADMessages
import EADProtocol
import EADTelemetry
import EADWorker
import Testing

@Suite struct DeltaMirrorTests {
    typealias Bench = WorkerHarness
    private let now = WorkerHarness.now
    private static let have = HeldPolicy(version: PolicyVersion(3), rootHash: WorkerHarness.hash(3))
    private static let piece = PolicyChunk(version: PolicyVersion(4), index: 0, delta: PolicyVersion(4))
    private static let bytes = SharedBytes([5, 5])

    /// Version 4, whose two chunks of one word are 1 and 2, made of version 3 by a delta of two bytes.
    private static let manifest = PolicyManifest(
        version: PolicyVersion(4), precision: .bf16, totalBytes: 4, chunkBytes: 2,
        chunkHashes: [Bench.hash(1), Bench.hash(2)], rootHash: Bench.hash(4),
        deltas: [PolicyDelta(base: have, totalBytes: 2, pieceHashes: [Bench.hash(9)])])

    /// A worker with version 3 in its second buffer that has asked for version 4 and was told of the delta.
    private func fetching() -> WorkerState {
        var state = Bench.state(
            chunkHashes: [Bench.hash(7), Bench.hash(2)], mirrored: Self.have, policyBytes: 4)
        let effects = state.receive(Bench.offer(4, 0), now: self.now)
        #expect(
            effects.last == .tellLearner(.manifestRequest(ManifestRequest(version: PolicyVersion(4), have: Self.have))))
        #expect(
            state.receive(Self.manifest, now: self.now) == [
                .tellLearner(
                    .chunkRequest(ChunkRequest(version: PolicyVersion(4), index: 0, delta: PolicyVersion(4))))
            ])
        return state
    }

    private func applying() -> WorkerState {
        var state = self.fetching()
        #expect(
            state.receive(Self.piece, payload: Self.bytes, now: self.now)
                == [.perform(.check(Self.piece, Self.bytes, hash: Bench.hash(9)))])
        #expect(
            state.checked(Self.piece, Self.bytes, isIntact: true, now: self.now)
                == [.perform(.apply([[Self.bytes]], Self.manifest))])
        return state
    }

    @Test func aVersionIsMadeOfTheOneBeforeByItsDeltaAndSwappedInWhenItsHashesAreRight() {
        var state = self.applying()
        #expect(state.tick(now: self.now + .seconds(100)).allSatisfy { $0 != Bench.asksFor(4) })
        #expect(
            state.applied(Self.manifest, hashes: Self.manifest.chunkHashes, now: self.now)
                == [.install(Self.manifest)])
        #expect(state.installed(Self.manifest, now: self.now) == [.generate(Bench.offer(4, 0).lease)])
        #expect(state.counters[\.deltasApplied] == 1 && state.counters[\.deltasFailed] == 0)
        // The next version is asked for from here.
        _ = state.follow(GlobalStep(5))
        #expect(
            state.receive(Bench.offer(5, 0), now: self.now).last
                == .tellLearner(
                    .manifestRequest(ManifestRequest(version: PolicyVersion(5), have: Self.manifest.held))))
    }

    @Test func chunksThatADeltaMakesWrongAreFetchedWhole() {
        var state = self.applying()
        let effects = state.applied(Self.manifest, hashes: [Bench.hash(1), Bench.hash(66)], now: self.now)
        #expect(effects.last == Bench.asksForChunk(4, 1))
        guard case .tellOperator(.warning, let text) = effects.first else { return #expect(Bool(false), "\(effects)") }
        #expect(text == "the deltas from policy 3 to 4 make 1 of 2 chunks wrong; those are fetched whole")
        #expect(state.counters[\.deltasFailed] == 1)
        let chunk = Bench.chunk(4, 1)
        #expect(state.receivedChunk(chunk, intact: true, now: self.now) == [.install(Self.manifest)])
    }

    @Test func aDeltaThatComesDamagedEachTimeGivesWayToTheChunks() {
        var state = self.fetching()
        for attempt in 0..<3 {
            let effects = state.checked(Self.piece, Self.bytes, isIntact: false, now: self.now)
            if attempt == 2 { #expect(effects.last == Bench.asksForChunk(4, 0)) }
        }
        #expect(state.counters[\.chunksDamaged] == 3 && state.counters[\.deltasFailed] == 1)
    }

    @Test func aPieceOfAnotherLengthCountsAsDamaged() {
        var state = self.fetching()
        _ = state.receive(Self.piece, payload: SharedBytes([1]), now: self.now)
        _ = state.receive(Self.piece, payload: nil, now: self.now)
        #expect(state.counters[\.chunksDamaged] == 2)
    }

    @Test func whatALapsedApplicationLeftIsKnownByItsHashesOnly() {
        var state = self.applying()
        _ = state.changeRun()
        #expect(state.applied(Self.manifest, hashes: [Bench.hash(1), Bench.hash(66)], now: self.now).isEmpty)
        #expect(state.chunkHashes == [Bench.hash(1), Bench.hash(66)])
        // The buffer is no whole version: nothing is asked for from there.
        let effects = state.receive(Bench.offer(4, 0), now: self.now)
        #expect(effects.last == Bench.asksFor(4))
        var manifest = Self.manifest
        manifest.deltas = []
        #expect(state.receive(manifest, now: self.now) == [Bench.asksForChunk(4, 1)])
    }

    @Test func nothingIsFetchedIntoTheBufferBeforeALapsedApplicationIsDone() {
        var state = self.applying()
        _ = state.changeRun()
        let offer = Bench.offer(6, 0)
        #expect(state.receive(offer, now: self.now) == [Bench.accepts(offer)])
        #expect(state.tick(now: self.now + .seconds(100)).isEmpty)
        // The application made a whole version, and it is one of the old run: it is not installed.
        #expect(
            state.applied(Self.manifest, hashes: Self.manifest.chunkHashes, now: self.now) == [Bench.asksFor(6)])
        #expect(state.chunkHashes == Self.manifest.chunkHashes && state.installed == nil)
    }

    @Test func aSwapOfTheOldRunIsNoneOfTheNewOne() {
        var state = self.applying()
        _ = state.applied(Self.manifest, hashes: Self.manifest.chunkHashes, now: self.now)
        _ = state.changeRun()
        #expect(state.installed(Self.manifest, now: self.now).isEmpty)
        #expect(state.installed == nil)
    }

    @Test func aRefusedPieceMakesTheWorkerAskAgain() {
        var state = self.fetching()
        _ = state.policyRefused("gone", now: self.now)
        let effects = state.tick(now: self.now + .seconds(10))
        #expect(
            effects == [
                .tellLearner(.manifestRequest(ManifestRequest(version: PolicyVersion(4), have: Self.have)))
            ])
    }
}
