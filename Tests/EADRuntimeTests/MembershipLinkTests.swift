import EADCore
import EADMessages
import EADProtocol
import EADRuntime
import Testing

@Suite struct MembershipLinkTests {
    private let start = ContinuousClock.Instant.now
    private static let run = RunID(bytes: [UInt8](repeating: 7, count: 16))!
    private let welcome = Welcome(run: MembershipLinkTests.run, epoch: Epoch(3))

    private func link() -> MembershipLink {
        MembershipLink(
            run: nil,
            backoff: Backoff(initial: .seconds(1), factor: 2, maximum: .seconds(4), jitter: 0, seed: 1),
            heartbeatInterval: .seconds(1), deadAfter: .seconds(5), now: self.start)
    }

    private func member() -> MembershipLink {
        var link = self.link()
        _ = link.tick(now: self.start)
        _ = link.receive(.welcome(self.welcome), now: self.start)
        return link
    }

    private func at(_ seconds: Int) -> ContinuousClock.Instant { self.start + .seconds(seconds) }

    private func refusal(_ code: Refusal.Code) -> Refusal { Refusal(code: code, reason: "because") }

    @Test func helloIsRepeatedWithBackOffUntilAnswered() {
        var link = self.link()
        // 1, 2, 4, 4, ... seconds apart.
        let hellos = (0...16).filter { link.tick(now: self.at($0)) == [.hello] }
        #expect(hellos == [0, 1, 3, 7, 11, 15])
        #expect(link.searchingSince == self.start && !link.isMember)
    }

    @Test func theWelcomeGivesRunAndEpochAndHeartbeatsBegin() {
        var link = self.link()
        #expect(link.receive(.welcome(self.welcome), now: self.start) == [.joined(self.welcome)])
        #expect(link.run == Self.run && link.epoch == Epoch(3) && link.isMember && link.searchingSince == nil)
        #expect(link.tick(now: self.start) == [.beat])
        #expect(link.tick(now: self.start + .milliseconds(999)).isEmpty)
        #expect(link.tick(now: self.at(1)) == [.beat])
    }

    @Test func newsAreNotHeldBackUntilTheNextHeartbeatIsDue() {
        var link = self.member()
        _ = link.tick(now: self.start)
        link.hurry(now: self.start)
        #expect(link.tick(now: self.start) == [.beat])
        var searching = self.link()
        _ = searching.tick(now: self.start)
        searching.hurry(now: self.start)
        #expect(searching.tick(now: self.start).isEmpty)
    }

    @Test func aSilentControllerIsLostAndSearchedFor() {
        var link = self.member()
        #expect(link.tick(now: self.at(4)) == [.beat])
        #expect(link.tick(now: self.at(5)) == [.lost(silent: .seconds(5))])
        #expect(!link.isMember && link.searchingSince == self.start)
        #expect(link.tick(now: self.at(5)) == [.hello])
    }

    @Test func anyAnswerKeepsTheControllerAlive() {
        var link = self.member()
        let reply = HeartbeatReply(step: GlobalStep(2), stop: false)
        #expect(link.receive(.heartbeatReply(reply), now: self.at(4)) == [.heard(reply)])
        #expect(link.tick(now: self.at(8)) == [.beat])
        #expect(link.tick(now: self.at(9)) == [.lost(silent: .seconds(5))])
    }

    @Test func aControllerThatForgotTheNodeIsGreetedAgainAtOnce() {
        var link = self.member()
        #expect(link.receive(.refusal(self.refusal(.notMember)), now: self.at(2)).isEmpty)
        #expect(!link.isMember && link.searchingSince == self.at(2))
        #expect(link.tick(now: self.at(2)) == [.hello])
        // A second refusal, of a message sent before, does not hurry the hello.
        #expect(link.receive(.refusal(self.refusal(.notMember)), now: self.at(2)).isEmpty)
        #expect(link.tick(now: self.at(2)).isEmpty)
    }

    @Test func theBackOffBeginsAnewAfterAWelcome() {
        var link = self.link()
        for second in 0...15 { _ = link.tick(now: self.at(second)) }
        _ = link.receive(.welcome(self.welcome), now: self.at(15))
        _ = link.tick(now: self.at(20))
        let hellos = (20...27).filter { link.tick(now: self.at($0)) == [.hello] }
        #expect(hellos == [20, 21, 23, 27])
    }

    @Test(arguments: [Refusal.Code.wireVersion, .configuration, .unknownNode, .fenced, .otherRun])
    func aRefusalForGoodIsPassedOn(code: Refusal.Code) {
        var link = self.member()
        #expect(link.receive(.refusal(self.refusal(code)), now: self.at(1)) == [.refused(self.refusal(code))])
    }

    @Test func aMessageTheControllerCouldNotUseChangesNothing() {
        var link = self.member()
        #expect(link.receive(.refusal(self.refusal(.invalid)), now: self.at(1)).isEmpty)
        #expect(link.isMember)
    }
}
