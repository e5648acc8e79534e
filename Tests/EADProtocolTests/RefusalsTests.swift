import EADProtocol
import Testing

@Suite struct RefusalsTests {
    private let start = ContinuousClock.Instant.now

    @Test func aFloodOfRefusedMessagesIsToldInAFewLines() {
        var refusals = Refusals()
        let lines = (0..<1000).flatMap { refusals.tell("\($0)", now: self.start + .milliseconds($0)) }
        #expect(lines == (0..<20).map { "refused a message: \($0)" })
        #expect(
            refusals.tell("late", now: self.start + .seconds(10))
                == ["refused 980 more messages", "refused a message: late"])
    }
}
