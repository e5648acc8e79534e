import EADCore
import EADLearner
import EADMessages
import EADProtocol
import Testing

/// A learner of several open steps.
@Suite struct LearnerWindowTests {
    typealias Bench = LearnerHarness

    private func isAccepted(_ effects: [Bench.State.Effect]) -> Bool {
        effects.contains { effect in
            guard case .send(.groupAck(let ack), _, _, _) = effect else { return false }
            return ack.status == .accepted
        }
    }

    @Test func aLearnerTakesGroupsOfOpenStepsWhileItTrainsAndComesBackWithThem() {
        var state = Bench.state(bound: 2)
        _ = state.joined(Bench.run)
        for group in [Bench.group(2, 1, version: 0), Bench.group(0, 0), Bench.group(0, 1)] {
            #expect(self.isAccepted(state.take(group)))
        }
        #expect(state.activity == .training)
        // Of a step that is not open, of a version that is not there, of one too old.
        for group in [Bench.group(3, 0, version: 0), Bench.group(1, 1, version: 1)] {
            #expect(!self.isAccepted(state.take(group)))
        }
        #expect(self.isAccepted(state.take(Bench.group(1, 0, version: 0))))
        #expect(
            state.hello.laterSteps.map(\.step.rawValue) == [1, 2] && state.hello.laterSteps.map(\.slots) == [[0], [1]])

        var next = Bench.recovering(bound: 2)
        var held = [JournalledStep(), JournalledStep()]
        held[0].append(ReceivedGroup(Bench.group(1, 0, version: 0), from: NodeID("worker")))
        held[1].append(ReceivedGroup(Bench.group(2, 1, version: 0), from: NodeID("worker")))
        #expect(next.restore(held).isEmpty)
        #expect(next.hello.laterSteps == state.hello.laterSteps)
    }

    @Test func aStepIsTrainedAsSoonAsTheOneBeforeItIsPublished() {
        var state = Bench.state(bound: 1)
        _ = state.joined(Bench.run)
        for step in 0..<2 as Range<UInt64> {
            for slot in 0..<2 as Range<UInt32> { _ = state.take(Bench.group(step, slot, version: 0)) }
        }
        let effects = state.published(Bench.report(0), manifest: Bench.manifest(1), bytes: Bench.bytes)
        #expect(effects.last == .train(GlobalStep(1), [Bench.group(1, 0, version: 0), Bench.group(1, 1, version: 0)]))
    }

    @Test func everyReportThatTheControllerLacksIsRepeatedInOrder() {
        var state = Bench.state(checkpointEvery: 100, bound: 2)
        _ = state.joined(Bench.run)
        for _ in 0..<3 { _ = state.completeStep() }
        func reported(_ effects: [Bench.State.Effect]) -> [UInt64] {
            effects.compactMap { effect in
                guard case .send(.stepReport(let report), _, _, _) = effect else { return nil }
                return report.step.rawValue
            }
        }
        #expect(reported(state.controller(isAt: GlobalStep(0))) == [0, 1, 2])
        #expect(reported(state.controller(isAt: GlobalStep(1))) == [1, 2])
        #expect(state.controller(isAt: GlobalStep(3)).isEmpty)
        // One that lost its file afterwards hears where the learner is.
        #expect(state.controller(isAt: GlobalStep(1)) == [Bench.tellsAccepted(3, [], isAhead: true)])
    }

    /// Step 4 was trained once, and version 5 made, with a checkpoint that is gone: what was sampled with it is of no use.
    @Test func groupsOfAPastThatIsLostAreThrownAway() {
        var state = Bench.recovering(step: 3, bound: 2)
        var held = [JournalledStep(), JournalledStep()]
        held[0].append(ReceivedGroup(Bench.group(4, 0, version: 3), from: NodeID("worker")))
        held[1].append(ReceivedGroup(Bench.group(5, 0, version: 3), from: NodeID("worker")))
        held[1].append(ReceivedGroup(Bench.group(5, 1, version: 4), from: NodeID("worker")))
        #expect(state.restore(held) == [GlobalStep(5)])
        #expect(state.hello.laterSteps.map(\.slots) == [[0]])
    }

    @Test func aLearnerThatGoesBackKeepsWhatItMayOfLaterSteps() {
        var state = Bench.recovering(step: 3, checkpoint: 2, bound: 2)
        _ = state.receive(
            Letter(Bench.envelope(.welcome(Welcome(run: Bench.run, epoch: Epoch(1)))), payload: nil),
            from: .controller, now: .now)
        _ = state.take(Bench.group(3, 0, version: 2))
        _ = state.take(Bench.group(4, 0, version: 3))
        let effects = state.recovered(Bench.recovered(2, checkpoint: 2, pending: [Bench.group(2, 1)]))
        #expect(effects.contains(.perform(.forget([GlobalStep(4)]))))
        #expect(state.acceptedSlots == [1] && state.hello.laterSteps.map(\.step) == [GlobalStep(3)])
    }
}
