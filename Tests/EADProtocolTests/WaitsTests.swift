import EADProtocol
import Testing

@Suite struct WaitsTests {
    let start = ContinuousClock.now

    private func after(_ seconds: Int) -> ContinuousClock.Instant { self.start.advanced(by: .seconds(seconds)) }

    @Test func theOldestWaitIsTheCurrentOne() {
        var log = Waits()
        #expect(log.current == nil)
        log.begin("policy 3 from learner", now: self.after(2))
        log.begin("welcome from controller", now: self.after(1))
        #expect(log.current?.what == "welcome from controller")
        #expect(log.current?.elapsed(now: self.after(4)) == .seconds(3))
        log.end("welcome from controller")
        #expect(log.current?.what == "policy 3 from learner")
        log.end("policy 3 from learner")
        #expect(log.current == nil)
    }

    @Test func beginningAgainDoesNotRestartTheClock() {
        var log = Waits()
        log.begin("learner", now: self.start)
        log.begin("learner", now: self.after(10))
        #expect(log.current?.since == self.start)
        log.end("learner")
        log.begin("learner", now: self.after(20))
        #expect(log.current?.since == self.after(20))
    }

    @Test func whatIsWaitedForTakesThePlaceOfAllElse() {
        var log = Waits()
        log.become("learner", now: self.start)
        log.become("learner", now: self.after(5))
        #expect(log.current?.since == self.start)
        log.begin("policy", now: self.after(6))
        log.become("worker", now: self.after(7))
        #expect(log.current?.what == "worker" && log.current?.since == self.after(7))
        log.become(nil, now: self.after(8))
        #expect(log.current == nil)
    }
}
