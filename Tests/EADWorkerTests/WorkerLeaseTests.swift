import EADCore
import EADEngine
import EADMessages
import EADProtocol
import EADTelemetry
import EADWorker
import Testing

@Suite struct WorkerLeaseTests {
    typealias Bench = WorkerHarness
    private let now = WorkerHarness.now

    /// A worker that generates these leases.
    private func generating(_ offers: [LeaseOffer]) -> WorkerState {
        var state = Bench.state()
        for offer in offers { _ = state.receive(offer, now: self.now) }
        _ = state.fetch(offers[0].lease.oldestVersion.rawValue, now: self.now)
        return state
    }

    @Test func aLeaseIsAcceptedAndWaitsForItsPolicy() {
        var state = Bench.state()
        let offer = Bench.offer(3, 0)
        #expect(state.receive(offer, now: self.now) == [Bench.accepts(offer), Bench.asksFor(3)])
        #expect(state.wait == .answer(about: PolicyVersion(3)))
        #expect(state.fetch(3, now: self.now) == [.generate(offer.lease)])
        #expect(state.wait == nil)
    }

    private func sampled(_ offer: LeaseOffer) -> GeneratedGroup {
        GeneratedGroup(id: offer.lease.group, version: offer.lease.oldestVersion, samples: [])
    }

    @Test func itSaysWhatItDoesAtEachStageOfALease() {
        let (first, second) = (Bench.offer(0, 0), Bench.offer(0, 1))
        var state = Bench.state()
        #expect(state.doing == (.idle, .lease))
        for offer in [first, second] { _ = state.receive(offer, now: self.now) }
        #expect(state.doing == (.fetching, .answer(about: PolicyVersion(0))))
        _ = state.fetch(0, now: self.now)
        #expect(state.doing == (.generating, nil))
        _ = state.sampled(self.sampled(first), now: self.now)
        #expect(state.doing == (.generating, nil))
        _ = state.generated(Bench.group(first), now: self.now)
        _ = state.sampled(self.sampled(second), now: self.now)
        #expect(state.doing == (.verifying, nil))
        _ = state.generated(Bench.group(second), now: self.now)
        #expect(state.doing == (.delivering, .acknowledgements(2)))
        _ = state.receive(Bench.ack(first, .accepted))
        #expect(state.doing == (.delivering, .acknowledgements(1)))
        _ = state.receive(Bench.ack(second, .accepted))
        #expect(state.doing == (.idle, .lease))
    }

    @Test func aGroupThatIsSafeAlreadyIsDroppedUnlessItIsOnItsWay() {
        let (first, second) = (Bench.offer(0, 0), Bench.offer(0, 1))
        var state = self.generating([first, second])
        _ = state.sampled(self.sampled(first), now: self.now)
        _ = state.generated(Bench.group(first), now: self.now)
        let reply = HeartbeatReply(
            step: GlobalStep(0), stop: false, windowEnd: GlobalStep(1), finished: [first, second].map(\.lease.held))
        #expect(state.follow(reply) == [.cancel(second.lease.group)])
        #expect(state.heldLeases == [first.lease.held])
        #expect(state.receive(Bench.ack(first, .duplicate)) == [Bench.returns(first, .completed)])
    }

    @Test func aLeaseStartsWithTheNewestVersionItAllows() {
        let offer = Bench.offer(3, 0)
        var state = self.generating([offer])
        // Version 3 is at least the oldest that step 5 allows.
        let later = Bench.offer(5, 0, oldest: 2)
        #expect(
            state.receive(later, now: self.now).suffix(2)
                == [Bench.accepts(later), .perform(.generate(later.lease, PolicyVersion(3)))])
    }

    @Test func aVersionThatIsTooOldOrOfALostFutureIsNotUsed() {
        var state = self.generating([Bench.offer(3, 0)])
        let tooOld = Bench.offer(6, 0, oldest: 4)
        #expect(state.receive(tooOld, now: self.now).last == Bench.asksFor(4, have: 3))
        // The run went back: version 3 has yet to be made again.
        state = self.generating([Bench.offer(3, 0)])
        let earlier = Bench.offer(2, 0, oldest: 0)
        #expect(state.receive(earlier, now: self.now).last == Bench.asksFor(0, have: 3))
        // An evaluation is of one version.
        state = self.generating([Bench.offer(3, 0)])
        let evaluation = Bench.offer(4, 0, purpose: .evaluation)
        #expect(state.receive(evaluation, now: self.now).last == Bench.asksFor(4, have: 3))
    }

    @Test func aWorkerThatIsFullDeclines() {
        var state = Bench.state(credit: 1)
        _ = state.receive(Bench.offer(0, 0), now: self.now)
        let offer = Bench.offer(0, 1)
        #expect(state.receive(offer, now: self.now) == [Bench.returns(offer, .declined, "full")])
        #expect(state.heldLeases == [Bench.offer(0, 0).lease.held])
    }

    @Test func aGroupIsSentUntilItIsAcknowledged() {
        let offer = Bench.offer(0, 0)
        var state = self.generating([offer])
        let group = Bench.group(offer)
        #expect(state.generated(group, now: self.now) == [.tellLearner(.rolloutGroup(group))])
        #expect(state.tick(now: self.now + .seconds(9)).isEmpty)
        #expect(state.tick(now: self.now + .seconds(10)) == [.tellLearner(.rolloutGroup(group))])
        #expect(state.tick(now: self.now + .seconds(20)) == [.tellLearner(.rolloutGroup(group))])
        #expect(state.receive(Bench.ack(offer, .accepted)) == [Bench.returns(offer, .completed)])
        #expect(state.tick(now: self.now + .seconds(40)).isEmpty && state.heldLeases.isEmpty)
        #expect(state.receive(Bench.ack(offer, .accepted)).isEmpty)
    }

    @Test(arguments: [
        (GroupAck.Status.duplicate, LeaseReturn.Outcome.completed, ""),
        (.stale, .declined, "stale: old"), (.refused, .failed, "old"),
    ])
    func whateverTheLearnerAnswersEndsTheLease(
        status: GroupAck.Status, outcome: LeaseReturn.Outcome, reason: String
    ) {
        let offer = Bench.offer(0, 0)
        var state = self.generating([offer])
        _ = state.generated(Bench.group(offer), now: self.now)
        #expect(state.receive(Bench.ack(offer, status, "old")) == [Bench.returns(offer, outcome, reason)])
    }

    @Test func aLeaseOfferedAgainGoesOnUnderTheNewAttempt() {
        let first = Bench.offer(0, 0)
        let second = Bench.offer(0, 0, attempt: 4)
        var state = self.generating([first])
        #expect(state.receive(second, now: self.now) == [Bench.accepts(second)])
        var group = Bench.group(first)
        group.attempt = 4
        #expect(state.generated(Bench.group(first), now: self.now) == [.tellLearner(.rolloutGroup(group))])
        let third = Bench.offer(0, 0, attempt: 5)
        _ = state.receive(third, now: self.now)
        group.attempt = 5
        #expect(state.tick(now: self.now + .seconds(10)) == [.tellLearner(.rolloutGroup(group))])
    }

    @Test func anEvaluationWithOtherSamplesTakesThePlaceOfTheOldOne() {
        let first = Bench.offer(0, 0, purpose: .evaluation)
        var state = self.generating([first])
        var second = Bench.offer(0, 0, purpose: .evaluation)
        second.lease.samples = 9
        #expect(
            state.receive(second, now: self.now)
                == [.cancel(first.lease.group), Bench.accepts(second), .generate(second.lease)])
    }

    @Test func whatBelongsToAnotherStepIsDroppedWhenTheRunMovesOn() {
        let offers = [Bench.offer(0, 0), Bench.offer(0, 1)]
        var state = self.generating(offers)
        _ = state.generated(Bench.group(offers[1]), now: self.now)
        #expect(state.follow(GlobalStep(0)).isEmpty)
        // Only what is being generated has to be cancelled.
        #expect(state.follow(GlobalStep(1)) == [.cancel(offers[0].lease.group)])
        #expect(state.heldLeases.isEmpty && state.counters[\.leasesObsolete] == 2)
        #expect(state.generated(Bench.group(offers[0]), now: self.now).isEmpty)
    }

    @Test func leasesOfALaterStepAreDroppedWhenTheRunGoesBack() {
        var state = Bench.state()
        _ = state.receive(Bench.offer(5, 0), now: self.now)
        _ = state.follow(GlobalStep(3))
        #expect(state.heldLeases.isEmpty)
        let offer = Bench.offer(3, 0)
        _ = state.receive(offer, now: self.now)
        // Version 5 is not waited for any more.
        #expect(state.tick(now: self.now + .seconds(10)).isEmpty)
        #expect(state.tick(now: self.now + .seconds(10)) == [Bench.asksFor(3)])
    }

    @Test func anOfferForTrainingEndsWhatIsLeftOfTheEvaluation() {
        let evaluation = Bench.offer(0, 1, purpose: .evaluation)
        var state = self.generating([evaluation])
        let training = Bench.offer(0, 0)
        #expect(
            state.receive(training, now: self.now) == [
                .cancel(evaluation.lease.group), Bench.accepts(training), .generate(training.lease),
            ])
    }

    @Test func anEvaluatedGroupIsReportedToTheController() {
        let offer = Bench.offer(0, 1, purpose: .evaluation)
        var state = self.generating([offer])
        let samples = [
            EvaluatedSample(greedy: true, verdict: Verdict(reward: 1, strictReward: 1), tokens: 3, text: "7")
        ]
        let answer = LeaseReturn(lease: offer.lease.held, outcome: .completed, samples: samples)
        #expect(
            state.evaluated(offer.lease.group, samples, now: self.now) == [.tellController(.leaseReturn(answer))])
        #expect(state.evaluated(offer.lease.group, samples, now: self.now).isEmpty)
    }

    @Test func whatTheEngineCannotProduceIsReturnedWithTheReason() {
        let offer = Bench.offer(0, 0)
        var state = self.generating([offer])
        #expect(state.failed(offer.lease.group, reason: "too long") == [Bench.returns(offer, .failed, "too long")])
    }

    // MARK: Leaving

    @Test func drainingFinishesWhatIsUnderWayAndReturnsTheRest() {
        let first = Bench.offer(0, 0)
        var state = self.generating([first])
        #expect(state.drain(now: self.now).isEmpty && state.draining)
        let second = Bench.offer(0, 1)
        #expect(state.receive(second, now: self.now) == [Bench.returns(second, .declined, "draining")])
        _ = state.generated(Bench.group(first), now: self.now)
        #expect(
            state.receive(Bench.ack(first, .accepted)) == [
                Bench.returns(first, .completed), .tellController(.goodbye(Goodbye(reason: "drained"))), .finish,
            ])
        #expect(state.drain(now: self.now).isEmpty && state.tick(now: self.now).isEmpty)
    }

    @Test func leasesThatWaitForAPolicyAreReturnedByADrain() {
        var state = Bench.state()
        let offer = Bench.offer(0, 0)
        _ = state.receive(offer, now: self.now)
        #expect(
            state.drain(now: self.now) == [
                Bench.returns(offer, .declined, "draining"), .tellController(.goodbye(Goodbye(reason: "drained"))),
                .finish,
            ])
    }

    @Test func aDrainingWorkerDoesNotWaitForEverForALearnerThatIsGone() {
        let offer = Bench.offer(0, 0)
        var state = self.generating([offer])
        _ = state.generated(Bench.group(offer), now: self.now)
        _ = state.drain(now: self.now)
        #expect(state.tick(now: self.now + .seconds(29)).contains(.tellLearner(.rolloutGroup(Bench.group(offer)))))
        #expect(
            state.tick(now: self.now + .seconds(30)) == [
                Bench.returns(offer, .declined, "draining took too long"),
                .tellController(.goodbye(Goodbye(reason: "drained"))), .finish,
            ])
    }

    @Test func anotherRunTakesNothingOverFromTheOldOne() {
        let offer = Bench.offer(0, 0)
        var state = self.generating([offer])
        #expect(state.changeRun() == [.cancel(offer.lease.group)])
        #expect(state.heldLeases.isEmpty && state.installed == nil)
        #expect(state.receive(offer, now: self.now) == [Bench.accepts(offer), Bench.asksFor(0, have: 0)])
    }
}
