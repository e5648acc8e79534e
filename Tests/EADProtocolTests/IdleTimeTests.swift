import EADCore
import EADProtocol
import EADTestKit
import Testing

@Suite struct IdleTimeTests {
    let a = NodeID("a")
    let b = NodeID("b")
    let start = ContinuousClock.now

    private func after(_ seconds: Double) -> ContinuousClock.Instant { self.start.advanced(by: .seconds(seconds)) }

    @Test func timeBetweenTwoHeartbeatsCountsByHowManyOfThemWait() {
        var idle = IdleTime()
        idle.heard(self.a, isWaiting: false, now: self.start)
        idle.heard(self.a, isWaiting: false, now: self.after(2))
        #expect(idle.takeShare(of: [self.a], now: self.after(2)) == 0)
        idle.heard(self.a, isWaiting: true, now: self.after(4))
        #expect(idle.takeShare(of: [self.a], now: self.after(4)) == 0.5)
        idle.heard(self.a, isWaiting: true, now: self.after(5))
        #expect(idle.takeShare(of: [self.a], now: self.after(5)) == 1)
        idle.heard(self.a, isWaiting: false, now: self.after(7))
        idle.heard(self.a, isWaiting: false, now: self.after(9))
        #expect(idle.takeShare(of: [self.a], now: self.after(9)) == 0.25)
    }

    @Test func whatWentOnAtTheLastHeartbeatGoesOnUntilTheMeasureIsTaken() {
        var idle = IdleTime()
        idle.heard(self.a, isWaiting: true, now: self.start)
        #expect(idle.takeShare(of: [self.a], now: self.after(3)) == 1)
        idle.heard(self.a, isWaiting: true, now: self.after(4))
        idle.heard(self.a, isWaiting: false, now: self.after(4))
        #expect(idle.takeShare(of: [self.a], now: self.after(5)) == 0.5)
        #expect(idle.takeShare(of: [self.a], now: self.after(6)) == 0)
    }

    @Test func theShareOfSeveralIsTheirMeanAndNobodyHasNone() {
        var idle = IdleTime()
        #expect(idle.takeShare(of: [self.a, self.b], now: self.start) == nil)
        idle.heard(self.a, isWaiting: true, now: self.start)
        #expect(idle.takeShare(of: [self.a], now: self.start) == nil)
        idle.heard(self.b, isWaiting: false, now: self.start)
        #expect(idle.takeShare(of: [self.a, self.b, NodeID("c")], now: self.after(1)) == 0.5)
        idle.forget(self.a)
        #expect(idle.takeShare(of: [self.a, self.b], now: self.after(2)) == 0)
    }

    /// A node that works and waits by turns, seen through heartbeats: the share is right to within the time between them.
    @Test(arguments: 0..<100) func theShareFollowsTheTruth(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var idle = IdleTime()
        var (now, truth, waitingSince) = (0.0, 0.0, nil as Double?)
        var turn = Double.random(in: 0..<10, using: &random)
        var waits = 0
        idle.heard(self.a, isWaiting: false, now: self.start)
        for _ in 0..<400 {
            let next = now + Double.random(in: 0.5..<1.5, using: &random)
            while turn < next {
                if let since = waitingSince {
                    truth += turn - since
                    waitingSince = nil
                } else {
                    waitingSince = turn
                    waits += 1
                }
                turn += Double.random(in: 2..<10, using: &random)
            }
            now = next
            idle.heard(self.a, isWaiting: waitingSince != nil, now: self.after(now))
        }
        if let since = waitingSince { truth += now - since }
        let share = idle.takeShare(of: [self.a], now: self.after(now)) ?? -1
        #expect(abs(share - truth / now) <= 1.5 * Double(waits) / now)
        #expect(abs(share - truth / now) < 0.05, "the errors of the single waits cancel each other")
    }
}
