import EADAlgorithms
import EADCore
import EADLearner
import EADMessages
import EADProtocol
import EADTelemetry
import EADTestKit
import Testing

@Suite struct LearnerStateTests {
    typealias Bench = LearnerHarness

    // MARK: Groups

    @Test func aGroupIsOnDiskBeforeItIsAcknowledgedAndTold() {
        var state = Bench.state()
        let group = Bench.group(0, 1)
        #expect(
            state.take(group) == [Bench.journals(group), Bench.ack(group, .accepted), Bench.tellsAccepted(0, [1])])
        #expect(state.acceptedSlots == [1])
    }

    @Test func theLastGroupStartsTheTrainingOfAllInOrderOfSlot() {
        var state = Bench.state()
        _ = state.take(Bench.group(0, 1))
        #expect(
            state.take(Bench.group(0, 0)).last == .train(GlobalStep(0), [Bench.group(0, 0), Bench.group(0, 1)]))
        #expect(state.activity == .training)
        #expect(state.take(Bench.group(0, 0)) == [Bench.ack(Bench.group(0, 0), .duplicate)])
    }

    @Test func everyOtherGroupIsAnsweredWithTheReasonAndChangesNothing() {
        var state = Bench.state(step: 1)
        _ = state.take(Bench.group(1, 0))
        #expect(state.take(Bench.group(1, 0, attempt: 2)) == [Bench.ack(Bench.group(1, 0, attempt: 2), .duplicate)])
        let stale = Bench.group(0, 1)
        #expect(state.take(stale) == [Bench.ack(stale, .stale, "the learner is at step 1: it is over")])
        var alien = Bench.group(1, 1, token: 100)
        func refused(_ reason: String) -> Bench.State.Effect {
            Bench.ack(alien, .refused, "group 1 of step 1 \(reason)")
        }
        #expect(state.take(alien) == [refused("is unusable: rollout 0 has tokens[0], which is not in the vocabulary")])
        alien = Bench.group(1, 1)
        alien.promptTokens = [100]
        #expect(state.take(alien) == [refused("has a prompt token that is not in the vocabulary")])
        alien = Bench.group(1, 1)
        alien.rollouts[0].trace = .filled([1, 2, 3, 4, 5, 6, 7, 8, 9])
        #expect(state.take(alien) == [refused("has a response of 9 tokens, and 8 is the most that is asked for")])
        alien = Bench.group(1, 1)
        alien.promptTokens = [TokenID](repeating: 1, count: 20)
        #expect(
            state.take(alien) == [
                refused("has 20 tokens of prompt and up to 2 of a response, and the model takes 20")
            ])
        alien = Bench.group(1, 1)
        var heated = TokenTrace()
        for index in 0..<2 {
            heated.append(1) {
                let filling = TokenTrace.filling($0, at: index)
                return $0 == .temperature && index == 1 ? filling.nextUp : filling
            }
        }
        alien.rollouts[0].trace = heated
        #expect(
            state.take(alien) == [
                refused(
                    "was sampled by another schedule: rollout 0 has temperature 11.500001 at position 1, step 1 has 11.5"
                )
            ])
        alien = Bench.group(1, 1)
        alien.rollouts[0].verdict?.reward = .nan
        #expect(state.take(alien) == [refused("is unusable: rollout 0 has a reward that is not finite")])
        alien = Bench.group(1, 1, rewards: [3e38])
        #expect(
            state.take(alien) == [refused("has a reward of 3e+38, and rewards go from -1000000.0 to 1000000.0")])
        for column in TokenTrace.Column.allCases {
            for (index, number) in [Float.nan, .infinity].enumerated() {
                alien = Bench.group(1, 1)
                alien.rollouts[0].trace[column][index] = number
                let reason = "is unusable: rollout 0 has \(column)[\(index)], which is not finite"
                #expect(state.take(alien) == [refused(reason)])
            }
        }
        alien = Bench.group(2, 1)
        guard case .send(.groupAck(let ack), _, _, _) = state.take(alien).first else {
            Issue.record("no answer")
            return
        }
        #expect(ack.status == .refused && ack.reason.contains("later step"))
        #expect(state.acceptedSlots == [0] && state.activity == .collecting)
        #expect(
            state.counters[\.groupsRefused] == UInt64(8 + 2 * TokenTrace.Column.allCases.count)
                && state.counters[\.groupsStale] == 1)
    }

    @Test func workersThatComputeDifferentlyAreToldToTheOperatorAndCounted() {
        var state = Bench.state()
        _ = state.take(Bench.group(0, 0))
        _ = state.take(Bench.group(0, 0, attempt: 2))
        #expect(state.differingDuplicates == 0)
        let other = Bench.group(0, 0, attempt: 3, token: 5)
        let effects = state.take(other)
        #expect(effects.first == Bench.ack(other, .duplicate))
        guard case .tellOperator(.warning, let text) = effects.last else {
            Issue.record("\(effects)")
            return
        }
        #expect(text.contains("group 0 of step 0") && text.contains("worker"))
        #expect(state.completeStep().first == Bench.tellsReport(0, differing: 1))
    }

    @Test func workersOfAnEngineThatRoundsMayDiffer() {
        var state = Bench.state(isBitExact: false)
        _ = state.take(Bench.group(0, 0))
        let other = Bench.group(0, 0, attempt: 2, token: 5)
        #expect(state.take(other) == [Bench.ack(other, .duplicate)])
        #expect(state.differingDuplicates == 1)
    }

    // MARK: Groups that cannot be trained on

    private func discarded(_ group: RolloutGroup) -> DiscardedGroup {
        DiscardedGroup(
            lease: LeaseID(group: group.id, attempt: group.attempt), sender: NodeID("worker"), reason: "because")
    }

    @Test func aRefusedGroupIsThrownOutDurablyBeforeItIsToldAndAnotherIsTrainedInItsPlace() {
        var state = Bench.state()
        _ = state.take(Bench.group(0, 0))
        _ = state.take(Bench.group(0, 1))
        let discarded = self.discarded(Bench.group(0, 1))
        let held = GroupsAccepted(step: GlobalStep(0), slots: [0], slotCount: 2, discarded: [discarded])
        let effects = state.refused(GlobalStep(0), [RefusedGroup(slot: 1, reason: "because")])
        #expect(
            effects == [
                .perform(.discard([discarded], Bench.run)),
                .tellOperator(
                    .warning, "group 1 of step 0 of worker is thrown out, to be sampled again: because"),
                .tellController(.groupsAccepted(held)),
            ])
        #expect(state.activity == .collecting && state.acceptedSlots == [0])
        #expect(state.counters[\.groupsDiscarded] == 1)
        // Told until the controller knows, and to one that was started again.
        #expect(state.controller(isAt: GlobalStep(0)) == [.tellController(.groupsAccepted(held))])
        #expect(state.hello.discarded == [discarded])
        let other = Bench.group(0, 1, attempt: 2)
        #expect(state.take(other).last == .train(GlobalStep(0), [Bench.group(0, 0), other]))
    }

    @Test func whatWasThrownOutIsRememberedByTheNextLife() {
        var held = JournalledStep()
        held.append(ReceivedGroup(Bench.group(2, 1), from: NodeID("worker")))
        held.append(self.discarded(Bench.group(2, 1)))
        var state = Bench.state(step: 2)
        _ = state.restore([held])
        #expect(state.acceptedSlots.isEmpty && state.hello.discarded == held.discarded)
        #expect(state.controller(isAt: GlobalStep(2)).count == 1)
    }

    @Test func aLearnerAskedToLeaveLeavesThoughItsStepIsRefused() {
        var state = Bench.state(checkpoint: 0)
        _ = state.take(Bench.group(0, 0))
        _ = state.take(Bench.group(0, 1))
        #expect(state.drain().isEmpty)
        #expect(state.refused(GlobalStep(0), [RefusedGroup(slot: 0, reason: "because")]).last == .finish)
    }

    // MARK: Filtered groups

    @Test func aFilteredGroupIsAcceptedLikeAnyOtherAndAddsASlot() {
        var state = Bench.state(filter: .mixed, maximumSlots: 8, samples: 2)
        let equal = Bench.group(0, 1, rewards: [1, 1])
        #expect(
            state.take(equal) == [
                Bench.journals(equal), Bench.ack(equal, .accepted), Bench.tellsAccepted(0, [1], of: 3),
            ])
        #expect(state.controller(isAt: GlobalStep(0)) == [Bench.tellsAccepted(0, [1], of: 3)])
        let later = Bench.group(0, 3, rewards: [1, 0])
        #expect(state.take(later) == [Bench.ack(later, .stale, "step 0 has 3 slots by now")])
        let replacement = Bench.group(0, 2, rewards: [1, 0])
        #expect(state.take(replacement).last == Bench.tellsAccepted(0, [1, 2], of: 3))
        let own = Bench.group(0, 0, rewards: [0, 1])
        #expect(state.take(own).last == .train(GlobalStep(0), [own, replacement]))
        #expect(state.take(equal) == [Bench.ack(equal, .duplicate)])
        let effects = state.published(Bench.report(0), manifest: Bench.manifest(1), bytes: Bench.bytes)
        #expect(effects == [Bench.tellsReport(0, sampled: 3, filtered: 1, reward: 4.0 / 6)])
        #expect(state.slotCount == 2 && state.acceptedSlots.isEmpty)
    }

    @Test func aStepWhoseFilterKeepsTooLittleIsTrainedOnThatAndTheOperatorTold() {
        var state = Bench.state(filter: .mixed, maximumSlots: 3, samples: 2)
        _ = state.take(Bench.group(0, 0, rewards: [1, 1]))
        _ = state.take(Bench.group(0, 1, rewards: [0, 0]))
        let kept = Bench.group(0, 2, rewards: [1, 0])
        let effects = state.take(kept)
        #expect(effects.last == .train(GlobalStep(0), [kept]))
        guard case .tellOperator(.warning, let text) = effects.dropLast().last else {
            Issue.record("\(effects)")
            return
        }
        #expect(text.hasPrefix("step 0 is trained on 1 groups instead of 2") && text.contains("of the 3"))
        #expect(
            state.published(Bench.report(0), manifest: Bench.manifest(1), bytes: Bench.bytes)
                == [Bench.tellsReport(0, sampled: 3, filtered: 2, exhausted: 1, reward: 0.5)])
    }

    @Test func aGroupIsJudgedByTheRolloutsThatHaveAScore() {
        var state = Bench.state(filter: .mixed, maximumSlots: 8, samples: 3)
        var group = Bench.group(0, 0, rewards: [1, 1, 0])
        group.rollouts[2].verdict = nil
        _ = state.take(group)
        #expect(state.slotCount == 3)
        group = Bench.group(0, 1, rewards: [1, 0, 0])
        group.rollouts[2].verdict = nil
        _ = state.take(group)
        #expect(state.slotCount == 3)
        group = Bench.group(0, 2, rewards: [1, 0, 0])
        group.rollouts[1].verdict = nil
        group.rollouts[2].verdict = nil
        _ = state.take(group)
        #expect(state.slotCount == 4)
        // Without a filter it counts like any other.
        state = Bench.state(samples: 3)
        _ = state.take(Bench.group(0, 0, rewards: [0, 0, 0]))
        group = Bench.group(0, 1, rewards: [1, 0, 0])
        for index in 0..<3 { group.rollouts[index].verdict = nil }
        #expect(state.take(group).last == .train(GlobalStep(0), [Bench.group(0, 0, rewards: [0, 0, 0]), group]))
    }

    @Test func aStepOfWhichNothingIsKeptIsTrainedOnNothing() {
        var state = Bench.state(filter: .mixed, maximumSlots: 2, samples: 2)
        _ = state.take(Bench.group(0, 0, rewards: [1, 1]))
        #expect(state.take(Bench.group(0, 1, rewards: [0, 0])).last == .train(GlobalStep(0), []))
    }

    @Test func aRestoredStepHasItsSlots() {
        var state = Bench.state(step: 2, filter: .mixed, maximumSlots: 8, samples: 2)
        state.restore(Bench.group(2, 1, rewards: [1, 1]))
        state.restore(Bench.group(2, 2, rewards: [0, 0]))
        #expect(state.acceptedSlots == [1, 2] && state.slotCount == 4)
    }

    // MARK: Runs

    @Test func nothingIsTakenBeforeTheRunIsKnownNorFromAnotherOne() {
        var state = Bench.state(run: nil)
        #expect(state.take(Bench.group(0, 0)).isEmpty)
        #expect(state.joined(Bench.run).isEmpty)
        #expect(state.take(Bench.group(0, 0)).count == 3)
        let other = RunID(bytes: [UInt8](repeating: 8, count: 16))
        let refused = state.take(.rolloutGroup(Bench.group(0, 1)), run: other)
        guard case .send(.refusal(let refusal), nil, .peer("peer"), 9) = refused.first else {
            Issue.record("\(refused)")
            return
        }
        #expect(refusal.code == .otherRun && state.acceptedSlots == [0])
    }

    @Test func restoredGroupsAreTrainedOnceTheControllerIsThere() {
        var state = Bench.state(step: 2)
        state.restore(Bench.group(2, 0))
        #expect(state.acceptedSlots == [0])
        #expect(state.take(Bench.group(2, 0)) == [Bench.ack(Bench.group(2, 0), .duplicate)])
        state.restore(Bench.group(2, 1))
        #expect(state.joined(Bench.run) == [.train(GlobalStep(2), [Bench.group(2, 0), Bench.group(2, 1)])])
        #expect(state.joined(Bench.run).isEmpty)
    }

    // MARK: Reports

    /// Its snapshot is an earlier copy. Told of the last step alone it would wait for the one before for ever.
    @Test func aControllerThatLostMoreThanAReportIsToldWhereTheLearnerIs() {
        var state = Bench.state(step: 3, report: Bench.report(2))
        #expect(state.controller(isAt: GlobalStep(0)) == [Bench.tellsAccepted(3, [], isAhead: true)])
        #expect(state.controller(isAt: GlobalStep(2)) == [.tellController(.stepReport(Bench.report(2)))])
        #expect(state.controller(isAt: GlobalStep(3)).isEmpty)
    }

    @Test func theReportIsRepeatedUntilTheControllerHasMovedOn() {
        var state = Bench.state()
        let report = Bench.tellsReport(0)
        #expect(state.completeStep() == [report])
        #expect(state.controller(isAt: GlobalStep(0)) == [report])
        #expect(state.controller(isAt: GlobalStep(0)) == [report])
        #expect(state.controller(isAt: GlobalStep(1)).isEmpty)
        #expect(state.controller(isAt: GlobalStep(1)).isEmpty)
    }

    @Test func aReportFromTheJournalIsGivenToAControllerThatNeverHeardIt() {
        var state = Bench.state(step: 1, report: Bench.report(0))
        #expect(state.controller(isAt: GlobalStep(0)) == [.tellController(.stepReport(Bench.report(0)))])
        #expect(state.controller(isAt: GlobalStep(1)).isEmpty)
    }

    @Test func acceptedGroupsAreToldAgainWithEveryHeartbeat() {
        var state = Bench.state()
        _ = state.take(Bench.group(0, 1))
        #expect(state.controller(isAt: GlobalStep(0)) == [Bench.tellsAccepted(0, [1])])
    }

    @Test func aControllerBehindWithoutAReportToHearIsToldTheStep() {
        var state = Bench.state(step: 4)
        #expect(state.controller(isAt: GlobalStep(3)) == [Bench.tellsAccepted(4, [], isAhead: true)])
    }

    // MARK: Checkpoints

    @Test func checkpointsComeAtTheirCadenceAndAfterTheLastStep() {
        var state = Bench.state(totalSteps: 5, checkpointEvery: 2)
        var saved: [UInt64] = []
        while !state.isFinished {
            for case .perform(.checkpoint(let step)) in state.completeStep() {
                saved.append(step.rawValue)
                #expect(state.activity == .checkpointing)
                #expect(state.checkpointed(step) == [.perform(.discardJournal(before: step))])
            }
        }
        #expect(saved == [2, 4, 5])
    }

    @Test func groupsThatArriveDuringACheckpointAreTrainedAfterIt() {
        var state = Bench.state(checkpointEvery: 1)
        _ = state.completeStep()
        _ = state.take(Bench.group(1, 0))
        #expect(state.take(Bench.group(1, 1)).count == 3)
        #expect(
            state.checkpointed(GlobalStep(1)) == [
                .perform(.discardJournal(before: GlobalStep(1))),
                .train(GlobalStep(1), [Bench.group(1, 0), Bench.group(1, 1)]),
            ])
    }

    // MARK: The policy

    @Test func aManifestIsGivenForTheVersionHereAndRefusedForAnOlderOne() {
        var state = Bench.state(step: 3)
        let here = state.take(.manifestRequest(ManifestRequest(version: PolicyVersion(3))))
        #expect(here == [.answer(.policyManifest(Bench.manifest(3)), to: "peer", inReplyTo: 9)])
        let old = state.take(.manifestRequest(ManifestRequest(version: PolicyVersion(2))))
        guard case .send(.refusal(let refusal), _, _, _) = old.first else {
            Issue.record("\(old)")
            return
        }
        #expect(refusal.reason == "the policy here is version 3, version 2 is gone")
    }

    @Test func requestsForTheNextVersionAreAnsweredOnceItIsThere() {
        var state = Bench.state()
        let request = Message.manifestRequest(ManifestRequest(version: PolicyVersion(1)))
        #expect(state.take(request, from: "a").isEmpty)
        #expect(state.take(request, from: "a").isEmpty)
        #expect(state.take(request, from: "b").isEmpty)
        let effects = state.completeStep()
        let answers = ["a", "b"].map {
            LearnerEffect.answer(.policyManifest(Bench.manifest(1)), to: $0, inReplyTo: 9)
        }
        #expect(Array(effects.dropFirst()) == answers)
    }

    @Test func aRequestForALaterVersionStaysParked() {
        var state = Bench.state()
        _ = state.take(.manifestRequest(ManifestRequest(version: PolicyVersion(2))))
        #expect(state.completeStep().count == 1)
        #expect(state.completeStep().contains(.answer(.policyManifest(Bench.manifest(2)), to: "peer", inReplyTo: 9)))
    }

    @Test func chunksAreSentOfTheVersionHereOnly() {
        var state = Bench.state(step: 3)
        let chunk = PolicyChunk(version: PolicyVersion(3), index: 1)
        #expect(
            state.take(.chunkRequest(ChunkRequest(version: PolicyVersion(3), index: 1))) == [
                .send(.policyChunk(chunk), payload: SharedBytes([2]), to: .peer("peer"), inReplyTo: 9)
            ])
        for (version, index) in [(3, 2), (2, 0), (4, 0)] as [(UInt64, UInt32)] {
            let request = ChunkRequest(version: PolicyVersion(version), index: index)
            guard case .send(.refusal, _, _, _) = state.take(.chunkRequest(request)).first else {
                Issue.record("version \(version), chunk \(index)")
                continue
            }
        }
        #expect(state.take(.goodbye(Goodbye(reason: ""))).count == 1)
        #expect(state.counters[\.requestsRefused] == 4)
    }

    @Test func nothingIsToBeHadWhileAVersionTakesThePlaceOfTheLast() {
        var state = Bench.state()
        _ = state.take(Bench.group(0, 0))
        _ = state.take(Bench.group(0, 1))
        let chunk = Message.chunkRequest(ChunkRequest(version: PolicyVersion(0), index: 0))
        guard case .send(.policyChunk, _?, _, _) = state.take(chunk).first else {
            Issue.record("the version is there while the step is trained")
            return
        }
        #expect(state.updated() == [.perform(.publish)])
        #expect(state.activity == .training)
        for request in [chunk, .manifestRequest(ManifestRequest(version: PolicyVersion(0)))] {
            guard case .send(.refusal(let refusal), _, _, _) = state.take(request).first else {
                Issue.record("\(request) was answered")
                continue
            }
            #expect(refusal.reason.hasPrefix("the policy here is version 1"))
        }
        let next = Message.manifestRequest(ManifestRequest(version: PolicyVersion(1)))
        #expect(state.take(next).isEmpty)
        let effects = state.published(Bench.report(0), manifest: Bench.manifest(1), bytes: Bench.bytes)
        #expect(effects.contains(.answer(.policyManifest(Bench.manifest(1)), to: "peer", inReplyTo: 9)))
        let nextChunk = Message.chunkRequest(ChunkRequest(version: PolicyVersion(1), index: 0))
        guard case .send(.policyChunk, _?, _, _) = state.take(nextChunk).first else {
            Issue.record("the next version is there")
            return
        }
    }

    // MARK: Leaving

    @Test func anIdleLearnerThatIsSafeOnDiskLeavesAtOnce() {
        var state = Bench.state(step: 2, checkpoint: 2)
        #expect(state.drain() == [.tellController(.goodbye(Goodbye(reason: "drained"))), .finish])
        #expect(state.drain().isEmpty)
    }

    @Test func aDrainMakesTheWeightsDurableFirst() {
        var state = Bench.state(step: 3)
        #expect(state.drain() == [.checkpoint(GlobalStep(3))])
        // Groups are taken as long as it lives; they are not trained any more.
        _ = state.take(Bench.group(3, 0))
        #expect(state.take(Bench.group(3, 1)).count == 3)
        #expect(
            state.checkpointed(GlobalStep(3)) == [
                .perform(.discardJournal(before: GlobalStep(3))),
                .tellController(.goodbye(Goodbye(reason: "drained"))), .finish,
            ])
    }

    @Test func aStepUnderWayIsFinishedBeforeADrainedLearnerLeaves() {
        var state = Bench.state(checkpointEvery: 5)
        _ = state.take(Bench.group(0, 0))
        _ = state.take(Bench.group(0, 1))
        #expect(state.drain().isEmpty)
        #expect(
            state.published(Bench.report(0), manifest: Bench.manifest(1), bytes: Bench.bytes).last
                == .checkpoint(GlobalStep(1)))
        #expect(
            state.checkpointed(GlobalStep(1)) == [
                .perform(.discardJournal(before: GlobalStep(1))),
                .tellController(.goodbye(Goodbye(reason: "drained"))), .finish,
            ])
    }

    @Test func theLearnerOfAFinishedRunSaysSo() {
        var state = Bench.state(step: 6, checkpoint: 6)
        #expect(state.isFinished && state.joined(Bench.run).isEmpty)
        #expect(state.drain() == [.tellController(.goodbye(Goodbye(reason: "finished"))), .finish])
    }
}
