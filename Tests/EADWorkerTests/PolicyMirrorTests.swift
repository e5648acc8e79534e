import EADCore
import EADMessages
import EADProtocol
import EADTelemetry
import EADWorker
import Testing

@Suite struct PolicyMirrorTests {
    typealias Bench = WorkerHarness
    private let now = WorkerHarness.now

    /// A worker that has asked for the policy of a lease of step `step`.
    private func asking(_ step: UInt64, chunkHashes: [[UInt8]] = [], policyBytes: UInt64 = 1) -> WorkerState {
        var state = Bench.state(chunkHashes: chunkHashes, policyBytes: policyBytes)
        _ = state.receive(Bench.offer(step, 0), now: self.now)
        return state
    }

    @Test func chunksAreAskedForOnCreditAndTheSwapComesOnce() {
        var state = self.asking(1, policyBytes: 3)
        let manifest = Bench.manifest(1, [1, 2, 3])
        #expect(
            state.receive(manifest, now: self.now) == [
                Bench.asksForChunk(1, 0), Bench.asksForChunk(1, 1),
            ])
        #expect(state.wantedManifest == manifest && state.wait == .chunks(of: PolicyVersion(1), missing: 3, count: 3))
        #expect(state.receivedChunk(Bench.chunk(1, 1), intact: true, now: self.now) == [Bench.asksForChunk(1, 2)])
        #expect(state.receivedChunk(Bench.chunk(1, 0), intact: true, now: self.now).isEmpty)
        #expect(state.receivedChunk(Bench.chunk(1, 2), intact: true, now: self.now) == [.install(manifest)])
        #expect(state.tick(now: self.now).isEmpty)
        #expect(state.installed(manifest, now: self.now) == [.generate(Bench.offer(1, 0).lease)])
        #expect(state.installed == PolicyVersion(1) && state.chunkHashes == manifest.chunkHashes)
    }

    @Test func chunksThatAreThereAlreadyAreNotFetched() {
        var state = self.asking(0, chunkHashes: [Bench.hash(1), Bench.hash(2)], policyBytes: 2)
        let manifest = Bench.manifest(0, [1, 2])
        #expect(state.receive(manifest, now: self.now) == [.install(manifest)])
    }

    @Test func aDamagedChunkIsAskedForAgainAndTheTransferFinallyBegunAnew() {
        var state = self.asking(1)
        let manifest = Bench.manifest(1, [1])
        _ = state.receive(manifest, now: self.now)
        for _ in 0..<2 {
            #expect(state.receivedChunk(Bench.chunk(1, 0), intact: false, now: self.now) == [Bench.asksForChunk(1, 0)])
        }
        let effects = state.receivedChunk(Bench.chunk(1, 0), intact: false, now: self.now)
        #expect(effects.count == 1)
        guard case .tellOperator(.warning, let text) = effects.first else {
            Issue.record("\(effects)")
            return
        }
        #expect(text.hasPrefix("policy 1 could not be fetched, asking again"))
        #expect(state.tick(now: self.now) == [Bench.asksFor(1)])
        #expect(state.counters[\.chunksDamaged] == 3)
    }

    @Test func unansweredRequestsAreRepeatedAfterTheTimeout() {
        var state = self.asking(1)
        #expect(state.tick(now: self.now + .seconds(9)).isEmpty)
        #expect(state.tick(now: self.now + .seconds(10)) == [Bench.asksFor(1)])
        _ = state.receive(Bench.manifest(1, [1]), now: self.now + .seconds(11))
        #expect(state.tick(now: self.now + .seconds(21)) == [Bench.asksForChunk(1, 0)])
    }

    @Test func aRefusedRequestIsNotRepeatedBeforeTheTimeout() {
        var state = self.asking(1)
        #expect(state.policyRefused("gone", now: self.now).count == 1)
        #expect(state.tick(now: self.now + .seconds(9)).isEmpty)
        #expect(state.tick(now: self.now + .seconds(10)) == [Bench.asksFor(1)])
        _ = state.follow(GlobalStep(2))
        #expect(state.tick(now: self.now + .seconds(20)).isEmpty && state.wait == .lease)
        #expect(state.policyRefused("gone", now: self.now).isEmpty)
    }

    @Test func whatAnInterruptedTransferLeftInTheBufferIsKnownChunkByChunk() {
        // The buffer holds 1, 2; version 7 replaces the first by 7 and is never completed.
        var state = self.asking(7, chunkHashes: [Bench.hash(1), Bench.hash(2)], policyBytes: 2)
        _ = state.receive(Bench.manifest(7, [7, 8]), now: self.now)
        _ = state.receivedChunk(Bench.chunk(7, 0), intact: true, now: self.now)
        _ = state.policyRefused("gone", now: self.now)
        #expect(state.chunkHashes == [Bench.hash(7), Bench.hash(2)])
        // The next version has 1 in the first place, which is not in the buffer any more.
        _ = state.receive(Bench.offer(8, 0), now: self.now)
        _ = state.tick(now: self.now + .seconds(10))
        _ = state.tick(now: self.now + .seconds(10))
        let manifest = Bench.manifest(8, [1, 2])
        #expect(
            state.receive(manifest, now: self.now) == [Bench.asksForChunk(8, 0)])
    }

    @Test func aVersionNobodyWaitsForIsNotFetchedFurther() {
        var state = self.asking(1, policyBytes: 3)
        _ = state.receive(Bench.manifest(1, [1, 2, 3]), now: self.now)
        _ = state.follow(GlobalStep(2))
        _ = state.tick(now: self.now + .seconds(1))
        #expect(state.wantedManifest == nil)
        #expect(state.receivedChunk(Bench.chunk(1, 0), intact: true, now: self.now).isEmpty)
    }

    @Test func answersNobodyAskedForChangeNothing() {
        var state = self.asking(1)
        #expect(state.receive(Bench.manifest(2, [1]), now: self.now).isEmpty)
        #expect(state.receivedChunk(Bench.chunk(1, 0), intact: true, now: self.now).isEmpty)
        _ = state.receive(Bench.manifest(1, [1]), now: self.now)
        #expect(state.receive(Bench.manifest(1, [9]), now: self.now).isEmpty)
        #expect(state.receivedChunk(Bench.chunk(2, 0), intact: true, now: self.now).isEmpty)
        _ = state.receivedChunk(Bench.chunk(1, 50), intact: true, now: self.now)
        #expect(state.installed == nil && state.wantedManifest?.chunkHashes == [Bench.hash(1)])
    }

    // MARK: Bytes

    @Test func aWantedChunkIsHashedAndGoesToItsPlaceOnlyIfItIsRight() {
        var state = self.asking(1, policyBytes: 2)
        let manifest = Bench.manifest(1, [1, 2])
        _ = state.receive(manifest, now: self.now)
        let (chunk, payload) = (Bench.chunk(1, 1), SharedBytes([7]))
        #expect(
            state.receive(chunk, payload: payload, now: self.now)
                == [.perform(.check(chunk, payload, hash: Bench.hash(2)))])
        #expect(
            state.checked(chunk, payload, isIntact: false, now: self.now) == [Bench.asksForChunk(1, 1)])
        #expect(
            state.checked(chunk, payload, isIntact: true, now: self.now) == [.perform(.write(payload, offset: 1))])
    }

    @Test func aChunkWithoutBytesOrOfAnotherLengthIsDamaged() {
        var state = self.asking(1, policyBytes: 2)
        _ = state.receive(Bench.manifest(1, [1, 2]), now: self.now)
        #expect(state.receive(Bench.chunk(1, 0), payload: nil, now: self.now) == [Bench.asksForChunk(1, 0)])
        #expect(
            state.receive(Bench.chunk(1, 0), payload: SharedBytes([7, 8]), now: self.now)
                == [Bench.asksForChunk(1, 0)])
        #expect(state.receive(Bench.chunk(2, 0), payload: SharedBytes([7]), now: self.now).isEmpty)
        #expect(state.receive(Bench.chunk(1, 2), payload: SharedBytes([7]), now: self.now).isEmpty)
    }

    @Test func whatWasHashedTooLateIsNotWritten() {
        var state = self.asking(1)
        _ = state.receive(Bench.manifest(1, [1]), now: self.now)
        _ = state.follow(GlobalStep(2))
        _ = state.tick(now: self.now + .seconds(1))
        #expect(state.checked(Bench.chunk(1, 0), SharedBytes([7]), isIntact: true, now: self.now).isEmpty)
    }

    @Test func aPolicyOfAnotherModelFileEndsTheWorker() {
        var state = self.asking(1, policyBytes: 5)
        guard case .fail(let failure) = state.receive(Bench.manifest(1, [1]), now: self.now).first else {
            Issue.record("it goes on")
            return
        }
        #expect(failure.code == .data && failure.message.contains("has 1 bytes, this worker's model file gives 5"))
    }
}
