import EADCore
import EADProtocol
import EADTestKit
import Testing

@Suite struct BatchAssemblerTests {
    private func assembler(bound: UInt64 = 0) -> BatchAssembler {
        BatchAssembler(step: GlobalStep(5), slots: 3, samples: 2, bound: bound)
    }

    private func group(
        slot: UInt32, problem: UInt32, step: UInt64 = 5, version: UInt64? = nil, attempt: UInt32 = 1,
        samples: Int = 2, token: TokenID = 7, purpose: Purpose = .training
    ) -> RolloutGroup {
        let rollout = Rollout(
            trace: .filled([token, 1]), finish: .stopToken, verdict: Verdict(reward: 1, strictReward: 1))
        return RolloutGroup(
            id: GroupID(purpose: purpose, step: GlobalStep(step), slot: slot), attempt: attempt,
            policyVersion: PolicyVersion(version ?? step), problem: problem, promptTokens: [1, 2],
            rollouts: Array(repeating: rollout, count: samples))
    }

    @Test func aCompleteBatchComesOutInOrderOfSlotWhateverTheOrderOfArrival() {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
            var assembler = self.assembler()
            for slot in order {
                #expect(!assembler.isComplete)
                let group = self.group(slot: UInt32(slot), problem: [30, 10, 20][slot])
                #expect(assembler.receive(group: group) == .accept)
            }
            #expect(assembler.isComplete)
            #expect(assembler.takeGroups().map(\.problem) == [30, 10, 20])
            #expect(!assembler.isComplete)
        }
    }

    @Test func aSecondGroupForASlotIsADuplicateWhicheverAttemptMadeIt() {
        var assembler = self.assembler()
        #expect(assembler.receive(group: self.group(slot: 1, problem: 10)) == .accept)
        #expect(assembler.receive(group: self.group(slot: 1, problem: 10, attempt: 2)) == .duplicate)
        #expect(assembler.acceptedSlots == [1] && assembler.missingSlots == [0, 2])
        #expect(assembler.differingDuplicates == 0)
    }

    @Test func workersThatComputeDifferentlyAreNoticed() {
        var assembler = self.assembler()
        _ = assembler.receive(group: self.group(slot: 1, problem: 10))
        #expect(assembler.receive(group: self.group(slot: 1, problem: 10, attempt: 2, token: 8)) == .duplicate)
        #expect(assembler.differingDuplicates == 1)
    }

    private func mixed(_ group: RolloutGroup, newest: UInt64 = 5) -> RolloutGroup {
        var group = group
        group.rollouts[0].runs = VersionRuns([
            VersionRuns.Run(group.policyVersion, tokens: 1), VersionRuns.Run(PolicyVersion(newest), tokens: 1),
        ])
        return group
    }

    @Test func responsesThatWentOnWithNewerVersionsAreTakenWhereTheRunAllowsThem() {
        func judge(_ group: RolloutGroup, mixesVersions: Bool = true) -> BatchAssembler.Judgement {
            var assembler = BatchAssembler(
                step: GlobalStep(5), slots: 3, samples: 2, bound: 2, mixesVersions: mixesVersions)
            return assembler.receive(group: group)
        }
        let group = self.group(slot: 1, problem: 10, version: 3)
        #expect(judge(group) == .accept && judge(self.mixed(group)) == .accept)
        // The oldest version counts: of the step's own the response has only its end.
        #expect(judge(self.mixed(self.group(slot: 1, problem: 10, version: 2))) == .stale)
        for wrong in [
            judge(self.mixed(group), mixesVersions: false), judge(self.mixed(group, newest: 6)),
            judge(self.mixed(group, newest: 3)),
        ] {
            guard case .refuse = wrong else {
                Issue.record("\(wrong)")
                continue
            }
        }
    }

    @Test func attemptsThatWentOnWithNewerVersionsAtDifferentTokensAreNoAlarm() {
        var assembler = BatchAssembler(step: GlobalStep(5), slots: 3, samples: 2, bound: 2, mixesVersions: true)
        let group = self.group(slot: 1, problem: 10, version: 3)
        #expect(assembler.receive(group: group) == .accept)
        var later = self.mixed(group)
        later.rollouts[0].trace = .filled([7, 2])
        #expect(assembler.receive(group: later) == .duplicate && assembler.differingDuplicates == 0)
        // Its first token is of the version that drew the accepted one's.
        later.rollouts[0].trace = .filled([8, 2])
        #expect(assembler.receive(group: later) == .duplicate && assembler.differingDuplicates == 1)
        #expect(assembler.acceptedSlots == [1])
    }

    // MARK: Throwing out

    /// A complete batch of which slot 1 came from a liar, taken.
    private func taken() -> BatchAssembler {
        var assembler = self.assembler()
        for slot in 0..<3 as Range<UInt32> {
            _ = assembler.receive(
                group: self.group(slot: slot, problem: slot, token: slot == 1 ? 9 : 7),
                from: NodeID(slot == 1 ? "liar" : "worker"))
        }
        _ = assembler.takeGroups()
        return assembler
    }

    @Test func aRefusedGroupIsThrownOutWithTheNameOfItsSenderAndItsSlotIsEmptyAgain() {
        var assembler = self.taken()
        let id = GroupID(step: GlobalStep(5), slot: 1)
        let discarded = DiscardedGroup(
            lease: LeaseID(group: id, attempt: 1), sender: NodeID("liar"), reason: "because")
        #expect(assembler.discard([RefusedGroup(slot: 1, reason: "because")]) == [discarded])
        #expect(assembler.discarded == [discarded])
        #expect(assembler.acceptedSlots == [0, 2] && assembler.missingSlots == [1] && !assembler.isComplete)
        let honest = self.group(slot: 1, problem: 1, attempt: 2)
        #expect(assembler.receive(group: honest) == .accept)
        #expect(assembler.isComplete && assembler.takeGroups().map(\.attempt) == [1, 2, 1])
    }

    /// A worker that has not heard the acknowledgement sends its group again.
    @Test func theSameGroupIsNotTakenASecondTime() {
        var assembler = self.taken()
        _ = assembler.discard([RefusedGroup(slot: 1, reason: "because")])
        let again = self.group(slot: 1, problem: 1, token: 9)
        #expect(assembler.receive(group: again, from: NodeID("liar")) == .stale)
        #expect(assembler.receive(group: again, from: NodeID("worker")) == .accept)
    }

    @Test func groupsOfPastStepsAreStaleAndOfLaterOnesRefused() {
        var assembler = self.assembler()
        #expect(assembler.receive(group: self.group(slot: 0, problem: 30, step: 4)) == .stale)
        guard case .refuse = assembler.receive(group: self.group(slot: 0, problem: 30, step: 6)) else {
            Issue.record("a group of step 6 was taken into step 5")
            return
        }
    }

    @Test func thePolicyVersionIsGated() {
        var assembler = self.assembler(bound: 2)
        #expect(assembler.receive(group: self.group(slot: 0, problem: 30, version: 2)) == .stale)
        #expect(assembler.receive(group: self.group(slot: 0, problem: 30, version: 3)) == .accept)
        let future = assembler.receive(group: self.group(slot: 1, problem: 10, version: 6))
        #expect(future == .refuse("group 1 of step 5 claims policy version 6, which does not exist yet"))
    }

    @Test func aGroupThatContradictsTheRunIsRefusedWithTheReason() {
        var assembler = self.assembler()
        var uneven = self.group(slot: 0, problem: 30)
        uneven.rollouts[1].trace[.policyLogProb].removeLast()
        var silent = self.group(slot: 0, problem: 30)
        silent.rollouts[0].trace = TokenTrace()
        var promptless = self.group(slot: 0, problem: 30)
        promptless.promptTokens = []
        let cases: [(RolloutGroup, String)] = [
            (self.group(slot: 3, problem: 30), "group 3 of step 5 exceeds the 3 slots"),
            (self.group(slot: 0, problem: 30, samples: 3), "group 0 of step 5 has 3 rollouts instead of 2"),
            (uneven, "group 0 of step 5 is unusable: rollout 1 has 1 numbers of policyLogProb for 2 tokens"),
            (silent, "group 0 of step 5 is unusable: rollout 0 has no token"),
            (promptless, "group 0 of step 5 has no prompt"),
            (
                self.group(slot: 0, problem: 30, purpose: .evaluation),
                "group 0 of the evaluation at step 5 is not for training"
            ),
        ]
        for (group, reason) in cases { #expect(assembler.receive(group: group) == .refuse(reason)) }
        #expect(assembler.acceptedSlots.isEmpty)
    }

    @Test func afterTheBatchWasTakenItsGroupsAreDuplicatesAndTheNextStepStartsEmpty() {
        var window = BatchWindow(at: GlobalStep(5), gate: StalenessGate(bound: 0), totalSteps: 9) {
            BatchAssembler(step: $0, slots: 3, samples: 2, bound: 0)
        }
        for (slot, problem) in [30, 10, 20].enumerated() {
            _ = window.receive(group: self.group(slot: UInt32(slot), problem: UInt32(problem)))
        }
        _ = window.takeGroups()
        #expect(window.receive(group: self.group(slot: 0, problem: 30)) == .duplicate)
        #expect(window.current.acceptedSlots == [0, 1, 2])
        window.move(to: GlobalStep(6))
        #expect(window.receive(group: self.group(slot: 0, problem: 30)) == .stale)
        #expect(window.receive(group: self.group(slot: 0, problem: 40, step: 6)) == .accept)
        #expect(window.current.missingSlots == [1, 2])
    }

    @Test(arguments: 0..<50) func anyMixOfDuplicatesLateAndWrongGroupsGivesTheSameBatch(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var arrivals: [RolloutGroup] = []
        for (slot, problem) in [30, 10, 20].enumerated() {
            for attempt in 1...UInt32.random(in: 1...4, using: &random) {
                arrivals.append(self.group(slot: UInt32(slot), problem: UInt32(problem), attempt: attempt))
            }
            arrivals.append(self.group(slot: UInt32(slot), problem: UInt32(problem), step: 4))
            arrivals.append(self.group(slot: UInt32(slot), problem: UInt32(problem), samples: 3))
        }
        arrivals.shuffle(using: &random)
        var assembler = self.assembler()
        let verdicts = arrivals.map { assembler.receive(group: $0) }
        #expect(verdicts.count { $0 == .accept } == 3)
        let batch = assembler.takeGroups()
        #expect(batch.map(\.id.slot) == [0, 1, 2] && batch.map(\.problem) == [30, 10, 20])
        #expect(assembler.differingDuplicates == 0)
    }
}
