import EADCore
import EADEngine
import EADMessages
import EADProtocol
import EADWorker
import Testing

/// What a worker does as every role does it: letters in, effects out.
@Suite struct WorkerRoleTests {
    typealias Bench = WorkerHarness
    private static let run = RunID(bytes: [UInt8](repeating: 7, count: 16))!
    private let now = WorkerHarness.now

    private func letter(_ message: Message, payload: SharedBytes? = nil) -> Letter {
        Letter(
            Envelope(run: Self.run, sender: NodeID("other"), epoch: Epoch(1), number: 4, message: message),
            payload: payload)
    }

    @Test func itSaysHelloUntilItIsWelcomeAndBeatsThen() {
        var state = Bench.state()
        let effects = state.tick(Gauges(), now: self.now)
        #expect(effects.contains(.tellController(.hello(state.hello))))
        let welcome = Welcome(run: Self.run, epoch: Epoch(3))
        _ = state.receive(self.letter(.welcome(welcome)), from: .controller, now: self.now)
        #expect(state.stamp.run == Self.run && state.stamp.epoch == Epoch(3))
        guard
            case .send(.heartbeat(let heartbeat), _, .controller, _) = state.tick(Gauges(progress: 5), now: self.now)
                .last
        else {
            Issue.record("no heartbeat")
            return
        }
        #expect(heartbeat.progress == 5 && heartbeat.credit == 2 && heartbeat.waitingFor == "a lease")
    }

    @Test func aRefusalForGoodEndsIt() {
        var state = Bench.state()
        let refusal = Refusal(code: .fenced, reason: "because")
        let effects = state.receive(self.letter(.refusal(refusal)), from: .controller, now: self.now)
        #expect(effects == [.fail(RoleFailure(.fenced, "the controller refused this process: because"))])
    }

    @Test func whatCannotBeReadIsAnsweredWhereThereIsANumberToAnswer() {
        var state = Bench.state()
        let unusable = UnusableMessage(.invalid, "nonsense", number: 8)
        #expect(
            state.refuse(unusable, from: .learner, now: self.now).last
                == .send(.refusal(unusable.refusal), to: .learner, inReplyTo: 8))
        let noise = state.refuse(UnusableMessage(.invalid, "noise"), from: .learner, now: self.now)
        #expect(noise == [.tellOperator(.information, "refused a message: noise")])
    }

    @Test func samplesAreJudgedOneGroupAfterTheOtherUnderNumbersOfTheirOwn() {
        let offers = [Bench.offer(0, 0), Bench.offer(0, 1)]
        var state = Bench.state()
        for offer in offers { _ = state.receive(offer, now: self.now) }
        _ = state.fetch(0, now: self.now)
        let groups = offers.map {
            GeneratedGroup(id: $0.lease.group, version: PolicyVersion(0), samples: [])
        }
        #expect(
            state.receive(.sampled(groups[1]), now: self.now)
                == [.perform(.score(job: 1, groups[1], offers[1].lease))])
        #expect(
            state.receive(.sampled(groups[0]), now: self.now)
                == [.perform(.score(job: 2, groups[0], offers[0].lease))])
        #expect(state.receive(.sampled(groups[0]), now: self.now).isEmpty)
        #expect(state.follow(GlobalStep(1)) == [.perform(.cancelScoring(job: 2)), .perform(.cancelScoring(job: 1))])
        #expect(state.receive(.scored(Bench.group(offers[0])), now: self.now).isEmpty)
    }

    @Test func aGroupThatIsTooLongToBeSentHasFailed() {
        var state = Bench.state()
        let offer = Bench.offer(0, 0)
        _ = state.receive(offer, now: self.now)
        _ = state.fetch(0, now: self.now)
        let group = Bench.group(offer)
        #expect(state.generated(group, now: self.now).contains(.tellLearner(.rolloutGroup(group))))
        let oversized = OversizedMessage(.rolloutGroup(group), bytes: 9, limit: 8)
        let reason = "its responses cannot be sent: it has 9 bytes, and a message of this cluster at most 8"
        let answer = LeaseReturn(lease: offer.lease.held, outcome: .failed, reason: reason)
        #expect(state.keep(oversized, now: self.now) == [.tellController(.leaseReturn(answer))])
        #expect(state.heldLeases.isEmpty)
    }
}
