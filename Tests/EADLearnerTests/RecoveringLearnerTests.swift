import EADAlgorithms
import EADCore
import EADEngine
import EADLearner
import EADMessages
import EADProtocol
import EADTestKit
import Testing

/// A learner whose engine has yet to come to where its files say that it was.
@Suite struct RecoveringLearnerTests {
    typealias Bench = LearnerHarness

    private static func activity(_ state: inout Bench.State) -> Heartbeat {
        state.heartbeat(Gauges(), now: .now)
    }

    @Test func itAsksItsEngineToComeToTheStepThatItsFilesPromise() {
        var state = Bench.recovering(step: 3, checkpoint: 2)
        #expect(state.start(now: .now) == [.perform(.recover(until: GlobalStep(3)))])
    }

    @Test func itSaysHelloWithWhatItWillHold() {
        var state = Bench.recovering(step: 3, checkpoint: 2)
        state.restore(Bench.group(3, 1))
        #expect(state.hello.nextStep == GlobalStep(3) && state.hello.acceptedSlots == [1])
    }

    @Test func itSaysHowFarItIs() {
        var state = Bench.recovering(step: 5, checkpoint: 2)
        var said = Self.activity(&state)
        #expect(said.activity == .recovering && said.isWaiting && said.waitingFor == "its weights to load")
        #expect(said.policyVersion == PolicyVersion(5))
        _ = state.receive(.recovering(at: GlobalStep(2)), now: .now)
        said = Self.activity(&state)
        #expect(said.activity == .recovering)
        #expect(said.waitingFor == "step 2 of its journal, to go on with step 5")
        _ = state.receive(.recovering(at: GlobalStep(5)), now: .now)
        #expect(Self.activity(&state).waitingFor == "the policy of step 5")
        _ = state.receive(.recovered(Bench.recovered(5, checkpoint: 2)), now: .now)
        #expect(Self.activity(&state).activity == .collecting)
    }

    @Test func groupsAreMadeDurableAndAcknowledgedMeanwhile() {
        var state = Bench.recovering(step: 3, checkpoint: 2)
        let group = Bench.group(3, 1)
        #expect(
            state.take(group) == [Bench.journals(group), Bench.ack(group, .accepted), Bench.tellsAccepted(3, [1])])
    }

    @Test func aStepThatIsCompleteIsTrainedOnceTheEngineIsThere() {
        var state = Bench.recovering(step: 3, checkpoint: 2)
        #expect(state.joined(Bench.run).isEmpty)
        _ = state.take(Bench.group(3, 0))
        #expect(state.take(Bench.group(3, 1)).count == 3)
        #expect(state.activity == .recovering)
        #expect(
            state.recovered(Bench.recovered(3, checkpoint: 2))
                == [.train(GlobalStep(3), [Bench.group(3, 0), Bench.group(3, 1)])])
    }

    @Test func nothingIsTrainedBeforeTheControllerIsThere() {
        var state = Bench.recovering(step: 3, checkpoint: 2)
        for slot in 0..<2 { state.restore(Bench.group(3, UInt32(slot))) }
        #expect(state.recovered(Bench.recovered(3, checkpoint: 2)).isEmpty)
        #expect(state.joined(Bench.run).count == 1)
    }

    @Test func aRequestForThePolicyIsAnsweredOnceTheWeightsAreThere() {
        var state = Bench.recovering(step: 3, checkpoint: 2)
        #expect(state.take(.manifestRequest(ManifestRequest(version: PolicyVersion(3)))).isEmpty)
        guard
            case .send(.refusal(let refusal), _, _, _) =
                state.take(.manifestRequest(ManifestRequest(version: PolicyVersion(2)))).first
        else {
            Issue.record("an older version was not refused")
            return
        }
        #expect(refusal.reason == "the policy here is version 3, version 2 is gone")
        guard
            case .send(.refusal, _, _, _) =
                state.take(.chunkRequest(ChunkRequest(version: PolicyVersion(3), index: 0))).first
        else {
            Issue.record("a chunk was given that nobody has")
            return
        }
        #expect(
            state.recovered(Bench.recovered(3, checkpoint: 2))
                == [.answer(.policyManifest(Bench.manifest(3)), to: "peer", inReplyTo: 9)])
    }

    /// The report is made again with the step; a controller that did not hear it must not be led past it.
    @Test func aControllerThatIsBehindHearsTheReportBeforeAnythingElse() {
        var state = Bench.recovering(step: 3, checkpoint: 2)
        state.restore(Bench.group(3, 1))
        _ = state.joined(Bench.run)
        #expect(state.controller(isAt: GlobalStep(2)).isEmpty)
        #expect(state.controller(isAt: GlobalStep(3)) == [Bench.tellsAccepted(3, [1])])
        _ = state.recovered(Bench.recovered(3, checkpoint: 2, report: Bench.report(2)))
        #expect(state.controller(isAt: GlobalStep(2)) == [.tellController(.stepReport(Bench.report(2)))])
    }

    /// The newest checkpoint looked well, and a byte in it is not as it was written.
    @Test func aCheckpointThatDoesNotKeepWhatItPromisedTakesTheRunBack() {
        var state = Bench.recovering(step: 4, checkpoint: 4)
        _ = state.receive(
            Letter(Bench.envelope(.welcome(Welcome(run: Bench.run, epoch: Epoch(1)))), payload: nil),
            from: .controller, now: .now)
        _ = state.take(Bench.group(4, 0))
        let effects = state.recovered(Bench.recovered(2, checkpoint: 2, pending: [Bench.group(2, 1)]))
        #expect(state.step == GlobalStep(2) && state.acceptedSlots == [1] && state.manifest == Bench.manifest(2))
        guard case .send(.hello(let hello), _, .controller, _) = effects.last else {
            Issue.record("the controller does not learn of it")
            return
        }
        #expect(hello.nextStep == GlobalStep(2) && hello.acceptedSlots == [1])
        let stale = Bench.group(4, 1)
        guard case .send(.groupAck(let ack), _, _, _) = state.take(stale).first else {
            Issue.record("no answer")
            return
        }
        #expect(ack.status == .refused || ack.status == .stale)
    }

    /// It said hello from where its files are, and is further back before that was answered.
    @Test func aWelcomeToWhatItsFilesPromisedIsNoAnswerToAHelloFromWhereItIs() {
        var state = Bench.recovering(step: 4, checkpoint: 4)
        let promise = state.stamp.stamp(.hello(state.hello))
        _ = state.recovered(Bench.recovered(2, checkpoint: 2, pending: [Bench.group(2, 1)]))
        func welcomes(_ number: UInt64) -> Bool {
            var envelope = Bench.envelope(.welcome(Welcome(run: Bench.run, epoch: Epoch(1))))
            envelope.inReplyTo = number
            _ = state.receive(Letter(envelope, payload: nil), from: .controller, now: .now)
            return state.member.isAdmitted
        }
        #expect(!welcomes(promise.number))
        #expect(state.hello.nextStep == GlobalStep(2) && state.hello.acceptedSlots == [1])
        #expect(welcomes(state.stamp.stamp(.hello(state.hello)).number))
    }

    @Test func whoIsToldToLeaveLeavesAtOnce() {
        var state = Bench.recovering(step: 3, checkpoint: 2)
        #expect(
            state.drain() == [
                .tellController(.goodbye(Goodbye(reason: "told to leave while it was recovering"))), .finish,
            ])
        #expect(state.recovered(Bench.recovered(3, checkpoint: 2)).isEmpty)
    }

    /// Nobody would make the last steps durable otherwise.
    @Test func theLearnerOfAFinishedRunLeavesOnlyWithItsLastCheckpoint() {
        var state = Bench.recovering(step: 6, checkpoint: 4)
        _ = state.joined(Bench.run)
        #expect(state.drain().isEmpty)
        #expect(state.recovered(Bench.recovered(6, checkpoint: 4)) == [.checkpoint(GlobalStep(6))])
        #expect(state.checkpointed(GlobalStep(6)).last == .finish)
    }
}
