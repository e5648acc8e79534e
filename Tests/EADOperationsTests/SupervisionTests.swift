import EADConfiguration
import EADCore
import Testing

@testable import EADOperations

struct SupervisionTests {
    private static let controller = NodeID("c")
    private static let learner = NodeID("l")
    private static let worker = NodeID("w")
    private let start = ContinuousClock.now

    private func supervision() -> Supervision {
        Supervision(nodes: [Self.controller, Self.learner, Self.worker], controller: Self.controller)
    }

    @Test func aRoleThatDiesIsStartedAgain() {
        var supervision = self.supervision()
        #expect(
            supervision.ended(Self.worker, status: 137, now: self.start)
                == [.say("w died (status 137); starting it again"), .start(Self.worker)])
        #expect(!supervision.isOver && supervision.isWatching)
    }

    @Test func aRoleThatLeavesWithSuccessStaysAway() {
        var supervision = self.supervision()
        for node in [Self.worker, Self.learner, Self.controller] {
            #expect(supervision.ended(node, status: 0, now: self.start).isEmpty)
        }
        #expect(supervision.isOver)
    }

    @Test(arguments: [64, 65, 70, 78] as [Int32])
    func whatAnotherStartCannotCureEndsTheCommand(status: Int32) {
        var supervision = self.supervision()
        #expect(
            supervision.ended(Self.learner, status: status, now: self.start)
                == [.terminate([Self.controller, Self.worker]), .giveUp(Self.learner, status: status)])
    }

    @Test(arguments: [1, 69, 74, 75, 139] as [Int32])
    func whatMayPassIsTriedFiveTimes(status: Int32) {
        var supervision = self.supervision()
        for _ in 0..<Supervision.maximumRestarts {
            #expect(supervision.ended(Self.worker, status: status, now: self.start).last == .start(Self.worker))
        }
        #expect(
            supervision.ended(Self.worker, status: status, now: self.start).last == .giveUp(Self.worker, status: status)
        )
    }

    @Test func restartsOfOneRoleAreNotCountedForAnother() {
        var supervision = self.supervision()
        for _ in 0..<Supervision.maximumRestarts { _ = supervision.ended(Self.worker, status: 1, now: self.start) }
        #expect(supervision.ended(Self.learner, status: 1, now: self.start).last == .start(Self.learner))
    }

    @Test func anInterruptEndsTheRunAndNothingIsStartedAfterIt() {
        var supervision = self.supervision()
        #expect(
            supervision.interrupt(now: self.start)
                == [.say("stopping; the same command resumes the run, Ctrl-C again ends it at once"), .stopRun])
        #expect(supervision.isWatching)
        #expect(supervision.ended(Self.worker, status: 1, now: self.start).isEmpty)
        #expect(supervision.stopUnheard(now: self.start) == [.terminate([Self.controller, Self.learner])])
        #expect(!supervision.isWatching && supervision.stopUnheard(now: self.start).isEmpty)
    }

    @Test func aSecondInterruptKillsWhateverStillRuns() {
        var heard = self.supervision()
        _ = heard.interrupt(now: self.start)
        _ = heard.ended(Self.learner, status: 0, now: self.start)
        #expect(
            heard.interrupt(now: self.start)
                == [.kill([Self.controller, Self.worker]), .say("c was killed"), .say("w was killed")])
        #expect(heard.isOver && heard.interrupt(now: self.start).isEmpty)
        var leaving = self.supervision()
        leaving.finish(now: self.start)
        let everybody = [Self.controller, Self.learner, Self.worker]
        #expect(leaving.interrupt(now: self.start) == [.terminate(everybody)])
        #expect(leaving.interrupt(now: self.start).first == .kill(everybody) && leaving.isOver)
    }

    /// Who joins after the controller has left would say hello for ever.
    @Test(arguments: [false, true]) func withoutAControllerTheOthersAreToldToLeaveAndThenKilled(isAsked: Bool) {
        var supervision = self.supervision()
        if isAsked { _ = supervision.interrupt(now: self.start) }
        #expect(
            supervision.ended(Self.controller, status: 0, now: self.start)
                == [.terminate([Self.learner, Self.worker])])
        #expect(!supervision.isWatching && !supervision.isOver)
        let last = self.start + Fixed.leavingWhenTold.value
        #expect(supervision.tick(now: last - .seconds(1)).isEmpty)
        #expect(supervision.tick(now: last).first == .kill([Self.learner, Self.worker]) && supervision.isOver)
    }

    @Test func rolesThatStayAfterTheEndAreAskedAndThenKilled() {
        var supervision = self.supervision()
        supervision.finish(now: self.start)
        #expect(supervision.ended(Self.controller, status: 0, now: self.start).isEmpty)
        let asked = self.start + Fixed.leaving.value
        #expect(supervision.tick(now: asked - .seconds(1)).isEmpty)
        #expect(supervision.tick(now: asked) == [.terminate([Self.learner, Self.worker])])
        #expect(supervision.ended(Self.learner, status: 0, now: self.start).isEmpty && !supervision.isOver)
        let killed = asked + Fixed.leavingWhenTold.value
        #expect(supervision.tick(now: killed - .seconds(1)).isEmpty)
        #expect(supervision.tick(now: killed) == [.kill([Self.worker]), .say("w did not leave and was killed")])
        #expect(supervision.isOver && supervision.tick(now: killed + .seconds(9)).isEmpty)
    }

    @Test func rolesThatLeaveAreNotAsked() {
        var supervision = self.supervision()
        supervision.finish(now: self.start)
        for node in [Self.controller, Self.learner, Self.worker] {
            _ = supervision.ended(node, status: 1, now: self.start)
        }
        #expect(supervision.isOver && supervision.tick(now: self.start + .seconds(1000)).isEmpty)
    }
}
