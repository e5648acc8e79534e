import EADCore
import EADMessages
import EADProtocol
import EADTestKit
import Testing

@Suite struct MemberTests {
    private let start = ContinuousClock.Instant.now
    private static let run = RunID(bytes: [UInt8](repeating: 7, count: 16))!
    private let welcome = Welcome(run: MemberTests.run, epoch: Epoch(3))

    private func stranger() -> Member {
        Member(
            Member.Identity(
                node: NodeID("worker"), role: .worker, nonce: [UInt8](repeating: 1, count: 16), configurationHash: [2],
                host: "host", processID: 9, controller: Endpoint(host: "host", port: 1)),
            run: nil, backoff: Backoff(initial: .seconds(1), factor: 2, maximum: .seconds(4), jitter: 0, seed: 1),
            liveness: LivenessConfiguration(heartbeatInterval: .seconds(1), deadAfter: .seconds(5)), now: self.start)
    }

    private func member() -> Member {
        var member = self.stranger()
        _ = member.tick(now: self.start)
        _ = member.receive(.welcome(self.welcome), inReplyTo: 1, now: self.start)
        return member
    }

    private func at(_ seconds: Int) -> ContinuousClock.Instant { self.start + .seconds(seconds) }

    private func refusal(_ code: Refusal.Code) -> Refusal { Refusal(code: code, reason: "because") }

    @Test func helloIsRepeatedWithBackOffUntilAnswered() {
        var member = self.stranger()
        // 1, 2, 4, 4, ... seconds apart.
        let hellos = (0...16).filter { member.tick(now: self.at($0)) == .hello }
        #expect(hellos == [0, 1, 3, 7, 11, 15])
        #expect(member.searchingSince == self.start && !member.isAdmitted)
    }

    @Test func theWelcomeGivesRunAndEpochAndHeartbeatsBegin() {
        var member = self.stranger()
        #expect(
            member.receive(.welcome(self.welcome), inReplyTo: 1, now: self.start) == .joined(self.welcome, before: nil))
        #expect(member.run == Self.run && member.epoch == Epoch(3) && member.isAdmitted && member.searchingSince == nil)
        #expect(member.tick(now: self.start) == .heartbeat)
        #expect(member.tick(now: self.start + .milliseconds(999)) == nil)
        #expect(member.tick(now: self.at(1)) == .heartbeat)
    }

    /// The answer was on its way when what the hello had said changed.
    @Test func anAnswerToAHelloThatIsSoNoLongerAdmitsNobody() {
        for wasAdmitted in [false, true] {
            var member = wasAdmitted ? self.member() : self.stranger()
            _ = member.tick(now: self.start)
            let hello = member.stamp.stamp(.hello(member.hello()))
            member.introduceAgain()
            let answer = member.receive(.welcome(self.welcome), inReplyTo: hello.number, now: self.at(1))
            #expect(answer == nil && !member.isAdmitted)
            #expect(member.tick(now: self.at(1)) == .hello)
            let second = member.stamp.stamp(.hello(member.hello()))
            #expect(member.receive(.welcome(self.welcome), inReplyTo: second.number, now: self.at(1)) != nil)
            #expect(member.isAdmitted)
        }
    }

    @Test func newsAreNotHeldBackUntilTheNextHeartbeatIsDue() {
        var member = self.member()
        _ = member.tick(now: self.start)
        member.hurry(now: self.start)
        #expect(member.tick(now: self.start) == .heartbeat)
        var searching = self.stranger()
        _ = searching.tick(now: self.start)
        searching.hurry(now: self.start)
        #expect(searching.tick(now: self.start) == nil)
    }

    @Test func aSilentControllerIsLostAndSearchedFor() {
        var member = self.member()
        #expect(member.tick(now: self.at(4)) == .heartbeat)
        #expect(member.tick(now: self.at(5)) == .search(silent: .seconds(5)))
        #expect(!member.isAdmitted && member.searchingSince == self.start)
        #expect(member.tick(now: self.at(5)) == .hello)
    }

    @Test func aSearchHasAnEnd() {
        var member = self.member()
        _ = member.tick(now: self.at(5))
        #expect(member.tick(now: self.at(3599)) == .hello)
        #expect(member.tick(now: self.at(3600)) == .giveUp(silent: .seconds(3600)))
        // Also of one that was never admitted.
        var stranger = self.stranger()
        #expect(stranger.tick(now: self.at(3600)) == .giveUp(silent: .seconds(3600)))
    }

    @Test func anyAnswerKeepsTheControllerAlive() {
        var member = self.member()
        let reply = HeartbeatReply(step: GlobalStep(2), stop: false, windowEnd: GlobalStep(3))
        #expect(member.receive(.heartbeatReply(reply), inReplyTo: 1, now: self.at(4)) == .heard(reply))
        #expect(member.tick(now: self.at(8)) == .heartbeat)
        #expect(member.tick(now: self.at(9)) == .search(silent: .seconds(5)))
    }

    @Test func aControllerThatForgotTheNodeIsGreetedAgainAtOnce() {
        var member = self.member()
        #expect(member.receive(.refusal(self.refusal(.notMember)), inReplyTo: 1, now: self.at(2)) == nil)
        #expect(!member.isAdmitted && member.searchingSince == self.at(2))
        #expect(member.tick(now: self.at(2)) == .hello)
        // A second refusal, of a message sent before, does not hurry the hello.
        #expect(member.receive(.refusal(self.refusal(.notMember)), inReplyTo: 1, now: self.at(2)) == nil)
        #expect(member.tick(now: self.at(2)) == nil)
    }

    @Test func theBackOffBeginsAnewAfterAWelcome() {
        var member = self.stranger()
        for second in 0...15 { _ = member.tick(now: self.at(second)) }
        _ = member.receive(.welcome(self.welcome), inReplyTo: 1, now: self.at(15))
        _ = member.tick(now: self.at(20))
        let hellos = (20...27).filter { member.tick(now: self.at($0)) == .hello }
        #expect(hellos == [20, 21, 23, 27])
    }

    @Test(arguments: [Refusal.Code.wireVersion, .configuration, .unknownNode, .fenced, .otherRun])
    func aRefusalForGoodIsPassedOn(code: Refusal.Code) {
        var member = self.member()
        #expect(
            member.receive(.refusal(self.refusal(code)), inReplyTo: 1, now: self.at(1)) == .refused(self.refusal(code)))
    }

    @Test func aMessageTheControllerCouldNotUseChangesNothing() {
        var member = self.member()
        #expect(member.receive(.refusal(self.refusal(.invalid)), inReplyTo: 1, now: self.at(1)) == nil)
        #expect(member.isAdmitted)
    }

    // MARK: What it says of itself

    @Test func aHelloSaysWhoItIs() {
        let hello = self.member().hello(nextStep: GlobalStep(4), acceptedSlots: [1], slotCount: 3)
        #expect(
            hello
                == Hello(
                    role: .worker, nonce: [UInt8](repeating: 1, count: 16), configurationHash: [2],
                    nextStep: GlobalStep(4), acceptedSlots: [1], slotCount: 3, host: "host", processID: 9))
    }

    @Test func whatItSaysCarriesTheRunAndTheEpochOfItsWelcome() {
        var member = self.stranger()
        let first = member.stamp.stamp(.hello(member.hello()))
        #expect(first.run == nil && first.epoch == Epoch(0) && first.number == 1)
        _ = member.receive(.welcome(self.welcome), inReplyTo: 1, now: self.start)
        let second = member.stamp.stamp(.goodbye(Goodbye(reason: "")), inReplyTo: 7)
        #expect(second.run == Self.run && second.epoch == Epoch(3) && second.number == 2 && second.inReplyTo == 7)
        let other = Welcome(run: RunID(bytes: [UInt8](repeating: 8, count: 16))!, epoch: Epoch(4))
        #expect(member.receive(.welcome(other), inReplyTo: 1, now: self.start) == .joined(other, before: Self.run))
    }

    @Test func aHeartbeatSaysWhatIsWaitedForSinceWhenAndHowFastTokensCome() {
        var member = self.member()
        func beat(_ waiting: Wait?, tokens: UInt64, at seconds: Int) -> Heartbeat {
            member.heartbeat(
                .idle, waitingFor: waiting, gauges: Gauges(progress: 5, tokens: tokens, residentBytes: 6),
                counters: [:],
                version: PolicyVersion(2), draining: true, now: self.at(seconds))
        }
        var heartbeat = beat(.lease, tokens: 10, at: 1)
        #expect(heartbeat.waitingFor == "a lease" && heartbeat.waitingMilliseconds == 0)
        #expect(heartbeat.progress == 5 && heartbeat.residentBytes == 6 && heartbeat.draining)
        heartbeat = beat(.lease, tokens: 30, at: 3)
        #expect(heartbeat.waitingMilliseconds == 2000 && heartbeat.tokensPerSecond == 10)
        heartbeat = beat(.acknowledgements(1), tokens: 30, at: 4)
        #expect(heartbeat.waitingMilliseconds == 0 && heartbeat.tokensPerSecond == 0)
        heartbeat = beat(nil, tokens: 30, at: 5)
        #expect(!heartbeat.isWaiting && heartbeat.waitingFor == "" && heartbeat.waitingMilliseconds == 0)
    }

    @Test func aHeartbeatCarriesWhatTheStateAndTheProcessCount() {
        var member = self.member()
        let heartbeat = member.heartbeat(
            .generating, waitingFor: nil, gauges: Gauges(counters: ["connections_cut": 2, "groups_stale": 1]),
            counters: ["groups_stale": 3], version: PolicyVersion(2), draining: false, now: self.at(1))
        #expect(heartbeat.counters == ["connections_cut": 2, "groups_stale": 4])
    }
}
