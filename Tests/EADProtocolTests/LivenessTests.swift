import EADCore
import EADProtocol
import Testing

@Suite struct LivenessTests {
    let node = NodeID("worker-1")
    let start = ContinuousClock.now

    private func after(_ seconds: Int) -> ContinuousClock.Instant { self.start.advanced(by: .seconds(seconds)) }

    @Test func aNodeNeverHeardOfIsAbsent() {
        let liveness = Liveness()
        #expect(liveness.health(of: self.node, now: self.start) == .absent)
        #expect(liveness.silence(of: self.node, now: self.start) == nil)
    }

    @Test func silenceBeyondTheLimitIsDeathAndAnyMessageEndsIt() {
        var liveness = Liveness()
        liveness.heard(self.node, progress: 0, busy: false, now: self.start)
        #expect(liveness.health(of: self.node, now: self.after(5)) == .alive)
        #expect(liveness.health(of: self.node, now: self.after(6)) == .dead)
        #expect(liveness.silence(of: self.node, now: self.after(6)) == .seconds(6))
        liveness.heard(self.node, now: self.after(7))
        #expect(liveness.health(of: self.node, now: self.after(7)) == .alive)
    }

    @Test func aBusyNodeWhoseCounterStandsStillIsStalledThoughItsHeartIsBeating() {
        var liveness = Liveness()
        for second in 0...61 { liveness.heard(self.node, progress: 42, busy: true, now: self.after(second)) }
        #expect(liveness.health(of: self.node, now: self.after(60)) == .alive)
        #expect(liveness.health(of: self.node, now: self.after(61)) == .stalled)
        liveness.heard(self.node, progress: 43, busy: true, now: self.after(62))
        #expect(liveness.health(of: self.node, now: self.after(62)) == .alive)
    }

    @Test func anIdleNodeIsNeverStalledAndItsClockStartsWithItsWork() {
        var liveness = Liveness()
        for second in 0...600 { liveness.heard(self.node, progress: 42, busy: false, now: self.after(second)) }
        #expect(liveness.health(of: self.node, now: self.after(600)) == .alive)
        for second in 601...660 { liveness.heard(self.node, progress: 42, busy: true, now: self.after(second)) }
        #expect(liveness.health(of: self.node, now: self.after(660)) == .alive)
        liveness.heard(self.node, progress: 42, busy: true, now: self.after(661))
        #expect(liveness.health(of: self.node, now: self.after(661)) == .stalled)
    }

    @Test func messagesWithoutACounterDoNotHideAStandstill() {
        var liveness = Liveness()
        liveness.heard(self.node, progress: 1, busy: true, now: self.start)
        for second in 1...61 { liveness.heard(self.node, now: self.after(second)) }
        #expect(liveness.health(of: self.node, now: self.after(61)) == .stalled)
    }

    @Test func aForgottenNodeIsAbsentAgain() {
        var liveness = Liveness()
        liveness.heard(self.node, progress: 1, busy: true, now: self.start)
        liveness.forget(self.node)
        #expect(liveness.health(of: self.node, now: self.after(100)) == .absent)
    }

    @Test func anInstantBeforeTheLastOneTurnsNothingBack() {
        var liveness = Liveness()
        liveness.heard(self.node, progress: 1, busy: true, now: self.after(10))
        liveness.heard(self.node, progress: 2, busy: true, now: self.start)
        #expect(liveness.silence(of: self.node, now: self.after(12)) == .seconds(2))
        #expect(liveness.silence(of: self.node, now: self.start) == .zero)
    }
}
