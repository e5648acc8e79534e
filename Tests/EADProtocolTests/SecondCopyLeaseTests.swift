import EADCore
import EADProtocol
import Testing

/// Slots that two workers hold.
@Suite struct SecondCopyLeaseTests {
    private static let slow = NodeID("slow")
    private static let fast = NodeID("fast")
    private static let third = NodeID("third")
    private let start = ContinuousClock.now

    private func after(_ seconds: Int) -> ContinuousClock.Instant { self.start + .seconds(seconds) }

    private func held(_ slot: UInt32, _ attempt: UInt32) -> LeaseID {
        LeaseID(group: GroupID(step: GlobalStep(3), slot: slot), attempt: attempt)
    }

    /// The slow worker holds all slots, and has accepted them.
    private func table(_ count: Int) -> LeaseTable {
        var table = LeaseTable(
            purpose: .training, step: GlobalStep(3), count: count, offerTimeout: .seconds(5), maximumAttempts: 3)
        for slot in 0..<UInt32(count) {
            _ = table.offer(to: Self.slow, now: self.start, duration: .seconds(30))
            table.accept(node: Self.slow, slot: slot, attempt: 1, now: self.start)
        }
        return table
    }

    private func copy(
        _ table: inout LeaseTable, to node: NodeID = Self.fast, of slower: Set<NodeID> = [Self.slow], at second: Int = 0
    ) -> LeaseID? {
        table.offerCopy(to: node, of: slower, now: self.after(second), duration: .seconds(30))
    }

    @Test func theOldestGroupOfASlowerWorkerIsGivenToAnotherOneAsWell() {
        var table = self.table(2)
        #expect(self.copy(&table, of: []) == nil)
        #expect(self.copy(&table, to: Self.slow) == nil)
        #expect(self.copy(&table) == self.held(0, 2))
        #expect(self.copy(&table) == self.held(1, 2))
        let both = [
            Self.slow: [self.held(0, 1), self.held(1, 1)], Self.fast: [self.held(0, 2), self.held(1, 2)],
        ]
        #expect(table.holders == both)
        #expect(table.leasedCount == 2 && table.availableCount == 0)
    }

    @Test func aSlotHasOneCopyAtATime() {
        var table = self.table(1)
        #expect(self.copy(&table) == self.held(0, 2))
        #expect(self.copy(&table, to: Self.third) == nil)
        #expect(table.offer(to: Self.third, now: self.start, duration: .seconds(30)) == nil)
        #expect(table.declined(node: Self.fast, slot: 0, attempt: 2) == true)
        #expect(self.copy(&table, to: Self.third) == self.held(0, 3))
    }

    @Test func whatNobodyHasTakenOnYetIsNotCopied() {
        var table = LeaseTable(purpose: .training, step: GlobalStep(3), count: 1)
        _ = table.offer(to: Self.slow, now: self.start, duration: .seconds(30))
        #expect(self.copy(&table) == nil)
    }

    @Test func theFirstResultCompletesTheSlotForBoth() {
        var table = self.table(1)
        _ = self.copy(&table)
        #expect(table.complete(0) == .completed)
        #expect(table.holders.isEmpty && table.isComplete)
        #expect(table.complete(0) == .alreadyComplete)
        #expect(self.copy(&table) == nil)
    }

    @Test(arguments: [true, false]) func whoIsLeftGoesOnWhenTheOtherIsGone(copyIsLeft: Bool) {
        var table = self.table(1)
        _ = self.copy(&table)
        table.accept(node: Self.fast, slot: 0, attempt: 2, now: self.start)
        let (gone, left) = copyIsLeft ? (Self.slow, Self.fast) : (Self.fast, Self.slow)
        #expect(table.release(node: gone).map(\.node) == [gone])
        #expect(table.holders == [left: [self.held(0, copyIsLeft ? 2 : 1)]] && table.availableCount == 0)
        let held = table.held(by: left)
        #expect(table.renew(node: left, groups: held, now: self.after(20)) == [])
        #expect(table.expire(now: self.after(49)) == [])
        #expect(table.release(node: left).count == 1 && table.availableCount == 1)
    }

    @Test func eachOfTheTwoHasItsOwnDeadline() {
        var table = self.table(1)
        _ = self.copy(&table, at: 20)
        table.accept(node: Self.fast, slot: 0, attempt: 2, now: self.after(20))
        let first = table.expire(now: self.after(30))
        #expect(first == [EndedLease(held: self.held(0, 1), node: Self.slow, wasAccepted: true)])
        #expect(table.held(by: Self.fast) == [self.held(0, 2)] && table.availableCount == 0)
        let second = table.expire(now: self.after(50))
        #expect(second == [EndedLease(held: self.held(0, 2), node: Self.fast, wasAccepted: true)])
        #expect(table.availableCount == 1)
    }

    @Test func whoFailedACopyIsNotGivenItAgain() {
        var table = self.table(1)
        _ = self.copy(&table)
        #expect(table.failed(node: Self.fast, slot: 0, attempt: 2, reason: "no memory") == true)
        #expect(self.copy(&table) == nil)
        #expect(table.held(by: Self.slow) == [self.held(0, 1)] && table.poisoned().isEmpty)
    }

    @Test func onlyTheFirstWordOfEitherSaysWhoWon() {
        var table = self.table(2)
        for _ in 0..<2 { _ = self.copy(&table) }
        for slot in UInt32(0)..<2 { table.complete(slot) }
        let words = [(0, 2), (0, 2), (0, 1), (1, 1), (1, 2), (7, 2)].map { slot, attempt in
            table.delivered(UInt32(slot), attempt: UInt32(attempt))
        }
        #expect(words == [true, false, false, false, false, false])
    }

    @Test func aRestartedControllerTakesOverBothLeases() {
        var window = WorkHarness.window(0)
        window.open(at: GlobalStep(0), holding: [])
        let group = GroupID(step: GlobalStep(0), slot: 1)
        window.renew([LeaseID(group: group, attempt: 4)], of: Self.fast, now: self.start)
        window.renew([LeaseID(group: group, attempt: 3)], of: Self.slow, now: self.start)
        window.renew([LeaseID(group: group, attempt: 5)], of: Self.third, now: self.start)
        let both = [
            Self.fast: [LeaseID(group: group, attempt: 4)], Self.slow: [LeaseID(group: group, attempt: 3)],
        ]
        #expect(window.holders == both)
        window.release(Self.fast)
        #expect(window.leasedCount == 1)
    }

    @Test func theLowestStepIsCopiedFirstAndWhatIsSafeIsTold() {
        var window = WorkHarness.window(1)
        window.open(at: GlobalStep(0), holding: [])
        let leases = window.offers(to: Self.slow, now: self.start)
        for lease in leases { window.accept(lease.id, by: Self.slow, now: self.start) }
        window.complete(WorkHarness.held(0, [0, 1]))
        let copies = (0..<4).compactMap { _ in
            window.offerCopy(to: Self.fast, of: [Self.slow], now: self.start)
        }
        #expect(copies.map(\.group.step.rawValue) == [0, 1, 1, 1] && copies.map(\.group.slot) == [2, 0, 1, 2])
        #expect(copies.map(\.problem) == leases.suffix(4).map(\.problem) && copies.allSatisfy { $0.attempt == 2 })
        #expect(window.finished(of: leases.map(\.id)).map(\.group.slot) == [0, 1])
    }
}
