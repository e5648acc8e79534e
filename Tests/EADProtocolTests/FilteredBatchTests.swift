import EADCore
import EADProtocol
import EADTestKit
import Testing

/// Batches whose filter refuses groups with one reward.
@Suite struct FilteredBatchTests {
    private static func assembler(slots: Int = 2, maximumSlots: Int) -> BatchAssembler {
        BatchAssembler(step: GlobalStep(5), slots: slots, samples: 2, bound: 0, maximumSlots: maximumSlots) {
            Self.isKept($0)
        }
    }

    private static func isKept(_ group: RolloutGroup) -> Bool { group.rewards[0] != group.rewards[1] }

    private static func group(_ slot: UInt32, kept: Bool, attempt: UInt32 = 1) -> RolloutGroup {
        RolloutGroup(
            id: GroupID(step: GlobalStep(5), slot: slot), attempt: attempt, policyVersion: PolicyVersion(5),
            problem: slot, promptTokens: [1],
            rollouts: [1, kept ? 0 : 1].map {
                Rollout(
                    trace: .filled([slot]), finish: .stopToken, verdict: Verdict(reward: $0, strictReward: 0))
            })
    }

    @Test func everyRefusedGroupAddsOneSlot() {
        var assembler = Self.assembler(maximumSlots: 20)
        #expect(assembler.receive(group: Self.group(2, kept: true)) == .early)
        #expect(assembler.receive(group: Self.group(1, kept: false)) == .accept)
        #expect(assembler.slotCount == 3 && assembler.missingSlots == [0, 2])
        #expect(assembler.receive(group: Self.group(1, kept: false, attempt: 2)) == .duplicate)
        #expect(assembler.slotCount == 3)
        #expect(assembler.receive(group: Self.group(2, kept: true)) == .accept)
        #expect(!assembler.isComplete)
        #expect(assembler.receive(group: Self.group(0, kept: true)) == .accept)
        #expect(assembler.isComplete && !assembler.isExhausted)
        #expect(assembler.takeGroups().map(\.id.slot) == [0, 2])
        #expect(assembler.acceptedCount == 3 && assembler.filteredCount == 1 && assembler.sampledReward == 2.0 / 3)
        #expect(assembler.acceptedSlots == [0, 1, 2])
        #expect(assembler.receive(group: Self.group(1, kept: false)) == .duplicate)
    }

    @Test func theSlotsThatAStepAddedAreNotTheNextOnes() {
        var window = BatchWindow(at: GlobalStep(5), gate: StalenessGate(bound: 0), totalSteps: 9) {
            BatchAssembler(step: $0, slots: 2, samples: 2, bound: 0, maximumSlots: 20) { Self.isKept($0) }
        }
        for (slot, kept) in [true, false, true].enumerated() {
            #expect(window.receive(group: Self.group(UInt32(slot), kept: kept)) == .accept)
        }
        #expect(window.takeGroups().map(\.id.slot) == [0, 2] && window.current.slotCount == 3)
        window.move(to: GlobalStep(6))
        let next = window.current
        #expect(next.slotCount == 2 && next.acceptedCount == 0 && next.filteredCount == 0)
    }

    @Test func aStepThatMayTakeNoMoreIsCompleteWithWhatItKept() {
        var assembler = Self.assembler(maximumSlots: 3)
        for slot in [0, 1] as [UInt32] { _ = assembler.receive(group: Self.group(slot, kept: false)) }
        #expect(assembler.slotCount == 3 && !assembler.isComplete && !assembler.isExhausted)
        guard case .refuse = assembler.receive(group: Self.group(3, kept: true)) else {
            Issue.record("a fourth group was taken into a step of three")
            return
        }
        #expect(assembler.receive(group: Self.group(2, kept: true)) == .accept)
        #expect(assembler.isComplete && assembler.isExhausted)
        #expect(assembler.takeGroups().map(\.id.slot) == [2])
        #expect(assembler.isExhausted)
    }

    @Test func aStepOfWhichNothingIsKeptIsEmpty() {
        var assembler = Self.assembler(maximumSlots: 2)
        for slot in [1, 0] as [UInt32] { _ = assembler.receive(group: Self.group(slot, kept: false)) }
        #expect(assembler.isExhausted && assembler.takeGroups().isEmpty)
    }

    /// Slots are filled in any order that leases allow, with repetitions, and a restart in between.
    @Test(arguments: 0..<200) func theGroupsOfAStepDoNotDependOnTheOrderOfArrival(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let slots = Int.random(in: 1...6, using: &random)
        let maximum = slots * Int.random(in: 1...4, using: &random)
        let chance = Double.random(in: 0...1, using: &random)
        let kept = (0..<maximum).map { _ in Double.random(in: 0..<1, using: &random) < chance }
        // Slot after slot.
        var expected = 0
        while kept[..<expected].count(where: { $0 }) < slots, expected < maximum { expected += 1 }

        var assembler = Self.assembler(slots: slots, maximumSlots: maximum)
        var journal: [RolloutGroup] = []
        while !assembler.isComplete {
            #expect(assembler.slotCount <= expected)
            let missing = assembler.missingSlots
            let slot = missing[Int.random(in: 0..<missing.count, using: &random)]
            let group = Self.group(slot, kept: kept[Int(slot)])
            #expect(assembler.receive(group: group) == .accept)
            journal.append(group)
            if let again = journal.randomElement(using: &random), Bool.random(using: &random) {
                #expect(assembler.receive(group: again) == .duplicate)
            }
            if Int.random(in: 0..<5, using: &random) == 0 {
                // What the journal gives back is accepted in the order in which it was accepted before.
                assembler = Self.assembler(slots: slots, maximumSlots: maximum)
                for group in journal { #expect(assembler.receive(group: group) == .accept) }
            }
        }
        let sampled = kept[..<expected]
        #expect(assembler.slotCount == expected && assembler.filteredCount == sampled.count { !$0 })
        #expect(assembler.isExhausted == (sampled.count { $0 } < slots))
        #expect(assembler.takeGroups().map { Int($0.id.slot) } == sampled.indices.filter { kept[$0] })
    }
}
