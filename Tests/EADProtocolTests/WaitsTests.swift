import EADCore
import EADProtocol
import Testing

@Suite struct WaitsTests {
    let start = ContinuousClock.now

    private func after(_ seconds: Int) -> ContinuousClock.Instant { self.start.advanced(by: .seconds(seconds)) }

    @Test func aWaitIsToldWithTheTimeSinceItsBeginning() {
        var waits = Waits()
        #expect(waits.current == nil)
        waits.become(.answer(about: PolicyVersion(3)), now: self.after(1))
        #expect(waits.current?.what == .answer(about: PolicyVersion(3)))
        #expect(waits.current?.elapsed(now: self.after(4)) == .seconds(3))
        #expect(waits.current?.elapsed(now: self.start) == .zero)
    }

    @Test func beginningAgainDoesNotRestartTheClock() {
        var waits = Waits()
        waits.become(.lease, now: self.start)
        waits.become(.lease, now: self.after(10))
        #expect(waits.current?.since == self.start)
        waits.become(nil, now: self.after(15))
        waits.become(.lease, now: self.after(20))
        #expect(waits.current?.since == self.after(20))
    }

    @Test func aWaitThatGetsOnIsAnother() {
        var waits = Waits()
        waits.become(.rollouts(held: 1, count: 8), now: self.start)
        waits.become(.rollouts(held: 2, count: 8), now: self.after(7))
        #expect(waits.current?.what.text == "rollouts: 2 of 8 groups" && waits.current?.since == self.after(7))
        waits.become(nil, now: self.after(8))
        #expect(waits.current == nil)
    }

    @Test(arguments: [
        (Wait.acknowledgements(1), "the learner to take 1 group"),
        (.acknowledgements(2), "the learner to take 2 groups"),
        (.joining(.learner, failures: [:]), "the learner to join"),
        (
            .joining(.worker, failures: [NodeID("b"): "no memory", NodeID("a"): "no disk"]),
            "a worker to join; a failed: no disk; b failed: no memory"
        ),
        (.groups([Wait.Holder(NodeID("a"), leases: 2, health: .stalled)], complete: 0), "groups of a (2, stalled)"),
        (
            .slots(
                [
                    .init(7, of: NodeID("c"), health: .alive), .init(9, of: NodeID("a"), health: .stalled),
                    .init(10, of: NodeID("a"), health: .alive), .init(11, of: NodeID("c"), health: .alive),
                ], of: GlobalStep(41), complete: 0),
            "step 41: slot 7 of c, slot 9 of a (stalled), slot 10 of a and 1 more"
        ),
        (.training(of: GlobalStep(4), health: .stalled), "the learner to train step 4, which is stalled"),
        (.room([:]), "a worker with room"),
        (.room([NodeID("a"): .failing]), "a worker that succeeds; a only failed"),
        (
            .room([NodeID("b"): .failing, NodeID("a"): .stalled, NodeID("c"): .leaving]),
            "a worker with room; a is stalled, b only failed, c is leaving"
        ),
    ])
    func aWaitNamesWhomItIsFor(wait: Wait, text: String) {
        #expect(wait.text == text)
    }
}
