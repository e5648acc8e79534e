import EADCore
import EADMessages
import EADProtocol
import EADTestKit
import Testing

@Suite struct BatchWindowTests {
    private static func window(_ bound: UInt64, at step: UInt64 = 5, totalSteps: UInt64 = 9) -> BatchWindow {
        BatchWindow(at: GlobalStep(step), gate: StalenessGate(bound: bound), totalSteps: totalSteps) {
            BatchAssembler(step: $0, slots: 2, samples: 1, bound: bound)
        }
    }

    private static func group(_ step: UInt64, _ slot: UInt32, version: UInt64, token: TokenID = 7) -> RolloutGroup {
        RolloutGroup(
            id: GroupID(step: GlobalStep(step), slot: slot), attempt: 1, policyVersion: PolicyVersion(version),
            problem: slot, promptTokens: [1],
            rollouts: [
                Rollout(trace: .filled([token]), finish: .stopToken, verdict: Verdict(reward: 1, strictReward: 1))
            ])
    }

    private func isRefused(_ judgement: BatchAssembler.Judgement) -> Bool {
        if case .refuse = judgement { true } else { false }
    }

    @Test func aGroupOfALaterOpenStepIsKeptUntilItsStepIsTheNext() {
        var window = Self.window(2)
        #expect(window.receive(group: Self.group(6, 1, version: 5)) == .accept)
        #expect(window.held.map(\.step.rawValue) == [5, 6, 7] && window.held.map(\.slots) == [[], [1], []])
        for slot in 0..<2 as Range<UInt32> {
            #expect(window.receive(group: Self.group(5, slot, version: 4)) == .accept)
        }
        #expect(window.takeGroups().map(\.id.slot) == [0, 1])
        // Groups of later steps come in while a step is trained.
        #expect(window.receive(group: Self.group(7, 0, version: 5)) == .accept)
        window.move(to: GlobalStep(6))
        #expect(window.held.map(\.slots) == [[1], [0], []] && !window.current.isComplete)
        #expect(window.receive(group: Self.group(6, 0, version: 6)) == .accept)
        #expect(window.takeGroups().map(\.policyVersion.rawValue) == [6, 5])
    }

    @Test(arguments: [0, 1, 2] as [UInt64]) func whatIsBehindTheWindowIsRefused(bound: UInt64) {
        for step in UInt64(4)...9 {
            var window = Self.window(bound)
            let judgement = window.receive(group: Self.group(step, 0, version: min(step, 5)))
            if step < 5 {
                #expect(judgement == .stale)
            } else if step <= 5 + bound {
                #expect(judgement == .accept)
            } else {
                #expect(self.isRefused(judgement), "step \(step)")
            }
        }
    }

    @Test func noStepBehindTheLastIsTaken() {
        var window = Self.window(2, at: 8)
        #expect(window.receive(group: Self.group(8, 0, version: 8)) == .accept)
        #expect(self.isRefused(window.receive(group: Self.group(9, 0, version: 8))))
    }

    /// Step 6 may use version 6; while step 5 is collected there is none.
    @Test func aVersionThatDoesNotExistYetIsRefusedInLaterStepsToo() {
        var window = Self.window(1)
        #expect(self.isRefused(window.receive(group: Self.group(6, 0, version: 6))))
        #expect(window.receive(group: Self.group(6, 0, version: 4)) == .stale)
        #expect(window.receive(group: Self.group(6, 0, version: 5)) == .accept)
    }

    @Test func workersThatComputeDifferentlyAreCountedOverAllSteps() {
        var window = Self.window(1)
        for (step, token) in [(5, 7), (5, 8), (6, 7), (6, 8)] as [(UInt64, TokenID)] {
            _ = window.receive(group: Self.group(step, 0, version: 5, token: token))
        }
        #expect(window.differingDuplicates == 2)
        window.move(to: GlobalStep(6))
        #expect(window.differingDuplicates == 2)
        _ = window.receive(group: Self.group(6, 0, version: 5, token: 9))
        #expect(window.differingDuplicates == 3)
    }

    /// Groups of open steps come in any order, some twice, some of steps that are not open.
    @Test(arguments: [0, 1, 2] as [UInt64], 0..<50)
    func everyStepIsTrainedOnceOnItsOwnSlotsWithNoVersionTooOld(bound: UInt64, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var window = Self.window(bound, at: 0, totalSteps: 12)
        var accepted: Set<GroupID> = []
        while window.step.rawValue < 12 {
            let now = window.step.rawValue
            let step =
                now + UInt64.random(in: 0...bound + 1, using: &random) - (Bool.random(using: &random) ? min(now, 1) : 0)
            let version = UInt64.random(in: now - min(now, bound + 1)...now + 1, using: &random)
            let group = Self.group(step, UInt32.random(in: 0..<2, using: &random), version: version)
            if window.receive(group: group) == .accept {
                #expect(accepted.insert(group.id).inserted, "\(group.id) was accepted twice")
                #expect(step >= now && step <= now + bound && step < 12)
                #expect(version <= now && version + bound >= step)
            }
            guard window.current.isComplete else { continue }
            let batch = window.takeGroups()
            #expect(batch.map(\.id) == (0..<2).map { GroupID(step: GlobalStep(now), slot: $0) })
            window.move(to: GlobalStep(now + 1))
        }
        #expect(accepted.count == 24)
    }
}
