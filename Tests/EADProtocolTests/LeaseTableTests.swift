import EADCore
import EADProtocol
import Testing

@Suite struct LeaseTableTests {
    let w1 = NodeID("w1")
    let w2 = NodeID("w2")
    let start = ContinuousClock.now

    private func after(_ seconds: Int) -> ContinuousClock.Instant { self.start.advanced(by: .seconds(seconds)) }

    private func table(_ count: Int) -> LeaseTable {
        LeaseTable(
            purpose: .training, step: GlobalStep(3), count: count, offerTimeout: .seconds(5), maximumAttempts: 3)
    }

    private func held(_ slot: UInt32, _ attempt: UInt32) -> LeaseID {
        LeaseID(group: GroupID(step: GlobalStep(3), slot: slot), attempt: attempt)
    }

    @Test func slotsAreOfferedInOrderAndEachOnce() {
        var table = self.table(2)
        #expect(table.offer(to: self.w1, now: self.start, duration: .seconds(30)) == self.held(0, 1))
        #expect(table.offer(to: self.w2, now: self.start, duration: .seconds(30)) == self.held(1, 1))
        #expect(table.offer(to: self.w1, now: self.start, duration: .seconds(30)) == nil)
        #expect(table.holders == [self.w1: [self.held(0, 1)], self.w2: [self.held(1, 1)]])
    }

    @Test func addedSlotsAreOfferedAndTheOthersKeepTheirState() {
        var table = self.table(2)
        _ = table.offer(to: self.w1, now: self.start, duration: .seconds(30))
        table.complete(1)
        #expect(!table.covers(self.held(2, 1).group))
        table.extend(to: 4)
        #expect(table.count == 4 && table.completeSlots == [1] && table.held(by: self.w1) == [self.held(0, 1)])
        #expect(table.covers(self.held(3, 1).group) && table.availableCount == 2)
        #expect(table.offer(to: self.w2, now: self.start, duration: .seconds(30)) == self.held(2, 1))
        table.extend(to: 2)
        #expect(table.count == 4)
    }

    @Test func anOfferThatIsNotTakenUpLapses() {
        var table = self.table(1)
        _ = table.offer(to: self.w1, now: self.start, duration: .seconds(30))
        #expect(table.expire(now: self.after(4)).isEmpty)
        let lost = table.expire(now: self.after(5))
        #expect(lost == [EndedLease(held: self.held(0, 1), node: self.w1, wasAccepted: false)])
        #expect(table.accept(node: self.w1, slot: 0, attempt: 1, now: self.after(6)) == false)
        #expect(table.offer(to: self.w2, now: self.after(6), duration: .seconds(30)) == self.held(0, 2))
    }

    @Test func anExpiredLeaseIsOfferedAgainUnderTheNextAttempt() {
        var table = self.table(1)
        _ = table.offer(to: self.w1, now: self.start, duration: .seconds(30))
        #expect(table.accept(node: self.w1, slot: 0, attempt: 1, now: self.after(1)) == true)
        #expect(table.expire(now: self.after(30)).isEmpty)
        #expect(table.expire(now: self.after(31)).map(\.wasAccepted) == [true])
        #expect(table.offer(to: self.w2, now: self.after(31), duration: .seconds(30)) == self.held(0, 2))
    }

    @Test func heartbeatsThatListALeaseKeepIt() {
        var table = self.table(1)
        _ = table.offer(to: self.w1, now: self.start, duration: .seconds(30))
        for second in stride(from: 4, through: 300, by: 20) {
            #expect(table.expire(now: self.after(second)).isEmpty)
            #expect(table.renew(node: self.w1, groups: [self.held(0, 1)], now: self.after(second)).isEmpty)
        }
        #expect(table.renew(node: self.w2, groups: [self.held(0, 1)], now: self.after(300)) == [self.held(0, 1)])
    }

    @Test func aLeaseThatTwoHeartbeatsLeaveOutIsFreeForWordOfItsEndWasLost() {
        var table = self.table(3)
        for _ in 0..<3 { _ = table.offer(to: self.w1, now: self.start, duration: .seconds(30)) }
        for slot in 0..<2 as Range<UInt32> { table.accept(node: self.w1, slot: slot, attempt: 1, now: self.start) }
        // Once is not enough, and a list that has it again begins the count anew.
        #expect(table.endUnlisted(by: self.w1, listing: [self.held(1, 1)]).isEmpty)
        #expect(table.endUnlisted(by: self.w1, listing: [self.held(0, 1), self.held(1, 1)]).isEmpty)
        #expect(table.endUnlisted(by: self.w1, listing: [self.held(1, 1)]).isEmpty)
        #expect(table.endUnlisted(by: self.w2, listing: []).isEmpty)
        #expect(table.endUnlisted(by: self.w1, listing: [self.held(1, 1)]).map(\.held) == [self.held(0, 1)])
        #expect(table.renew(node: self.w1, groups: [self.held(0, 1)], now: self.start) == [self.held(0, 1)])
        let isAdopted = table.adopt(node: self.w1, slot: 0, attempt: 1, now: self.start, duration: .seconds(30))
        #expect(!isAdopted)
        // An offer under way is not listed yet, and of a group that its holder calls safe the learner has to speak.
        _ = table.delivered(1, attempt: 1)
        for _ in 0..<3 { #expect(table.endUnlisted(by: self.w1, listing: []).isEmpty) }
        #expect(table.leasedCount == 2 && table.availableCount == 1)
        #expect(table.offer(to: self.w2, now: self.start, duration: .seconds(30)) == self.held(0, 2))
    }

    @Test func theDeathOfAHolderFreesItsLeasesAtOnce() {
        var table = self.table(3)
        for node in [self.w1, self.w2, self.w1] {
            _ = table.offer(to: node, now: self.start, duration: .seconds(30))
        }
        #expect(table.release(node: self.w1).map(\.held) == [self.held(0, 1), self.held(2, 1)])
        #expect(table.availableCount == 2 && table.leasedCount == 1)
        #expect(table.offer(to: self.w2, now: self.start, duration: .seconds(30)) == self.held(0, 2))
    }

    @Test func aLateResultOfALostLeaseStillCompletesTheSlot() {
        var table = self.table(1)
        _ = table.offer(to: self.w1, now: self.start, duration: .seconds(30))
        table.release(node: self.w1)
        _ = table.offer(to: self.w2, now: self.start, duration: .seconds(30))
        #expect(table.complete(0) == .completed)
        #expect(table.isComplete && table.holders.isEmpty)
        #expect(table.complete(0) == .alreadyComplete)
        #expect(table.complete(1) == .noSuchSlot)
        #expect(table.offer(to: self.w1, now: self.start, duration: .seconds(30)) == nil)
    }

    @Test func aDeclinedSlotHoldsUpNoOther() {
        var table = self.table(2)
        var offered: Set<UInt32> = []
        for _ in 0..<4 {
            let held = table.offer(to: self.w1, now: self.start, duration: .seconds(30))!
            offered.insert(held.group.slot)
            #expect(table.declined(node: self.w1, slot: held.group.slot, attempt: held.attempt) == true)
        }
        #expect(offered == [0, 1] && table.poisoned().isEmpty)
    }

    @Test func aSlotThatKeepsFailingIsReportedInsteadOfTriedForEver() {
        var table = self.table(1)
        for attempt in UInt32(1)...3 {
            #expect(table.poisoned().isEmpty)
            let held = table.offer(to: self.w1, now: self.start, duration: .seconds(30))
            #expect(held == self.held(0, attempt))
            #expect(table.failed(node: self.w1, slot: 0, attempt: attempt, reason: "prompt of 0 tokens") == true)
        }
        #expect(table.poisoned().map(\.reason) == ["w1: prompt of 0 tokens"])
        #expect(table.poisoned().map(\.failures) == [3])
        #expect(table.offer(to: self.w2, now: self.start, duration: .seconds(30)) == nil)
        table.complete(0)
        #expect(table.poisoned().isEmpty && table.isComplete)
    }

    @Test func whoFailedASlotLeavesItToTheOthersAsLongAsTheyLive() {
        var table = self.table(2)
        let both: Set = [self.w1, self.w2]
        let first = table.offer(to: self.w1, among: both, now: self.start, duration: .seconds(30))!
        #expect(table.failed(node: self.w1, slot: 0, attempt: first.attempt, reason: "no luck") == true)
        // The other slot is left for it, and then none.
        #expect(table.offer(to: self.w1, among: both, now: self.start, duration: .seconds(30)) == self.held(1, 1))
        #expect(table.offer(to: self.w1, among: both, now: self.start, duration: .seconds(30)) == nil)
        // Without the other it tries again.
        #expect(table.offer(to: self.w1, among: [self.w1], now: self.start, duration: .seconds(30)) == self.held(0, 2))
        #expect(table.failed(node: self.w1, slot: 0, attempt: 2, reason: "no luck") == true)
        #expect(table.offer(to: self.w2, among: both, now: self.start, duration: .seconds(30)) == self.held(0, 3))
    }

    @Test func aGroupIsGivenUpOnlyWhenNobodyIsLeftToTryIt() {
        var table = self.table(1)
        for attempt in UInt32(1)...3 {
            #expect(table.offer(to: self.w1, now: self.start, duration: .seconds(30)) == self.held(0, attempt))
            #expect(table.failed(node: self.w1, slot: 0, attempt: attempt, reason: "no luck") == true)
            #expect(table.poisoned(among: [self.w1, self.w2]).isEmpty)
        }
        #expect(!table.poisoned(among: [self.w1]).isEmpty)
        let last = table.offer(to: self.w2, among: [self.w1, self.w2], now: self.start, duration: .seconds(30))
        #expect(last == self.held(0, 4))
        #expect(table.failed(node: self.w2, slot: 0, attempt: 4, reason: "nor I") == true)
        #expect(table.poisoned(among: [self.w1, self.w2]).map(\.reason) == ["w2: nor I"])
    }

    @Test func differentWorkersThatFailASlotSpeakAgainstItWhoeverIsLeft() {
        var table = self.table(1)
        let nodes = (0..<5).map { NodeID("n\($0)") }
        for (index, node) in nodes.prefix(3).enumerated() {
            #expect(table.poisoned(among: Set(nodes)).isEmpty)
            let attempt = UInt32(index + 1)
            _ = table.offer(to: node, among: Set(nodes), now: self.start, duration: .seconds(30))
            #expect(table.failed(node: node, slot: 0, attempt: attempt, reason: "no luck") == true)
        }
        #expect(table.poisoned(among: Set(nodes)).map(\.failures) == [3])
    }

    @Test func anOfferThatNobodyTakesUpCountsAsAnAttempt() {
        var table = self.table(1)
        for round in 0..<3 {
            #expect(table.poisoned().isEmpty)
            _ = table.offer(to: self.w1, now: self.after(10 * round), duration: .seconds(30))
            #expect(table.expire(now: self.after(10 * round + 9)).map(\.wasAccepted) == [false])
        }
        #expect(table.poisoned().map(\.reason) == ["w1: did not take it on in time"])
    }

    @Test func aReturnOfALeaseThatIsNotHeldChangesNothing() {
        var table = self.table(1)
        _ = table.offer(to: self.w1, now: self.start, duration: .seconds(30))
        #expect(table.failed(node: self.w2, slot: 0, attempt: 1, reason: "?") == false)
        #expect(table.declined(node: self.w1, slot: 0, attempt: 2) == false)
        #expect(table.declined(node: self.w1, slot: 9, attempt: 1) == false)
        #expect(table.held(by: self.w1) == [self.held(0, 1)])
    }

    @Test func aRestartedControllerTakesOverTheLeasesOfItsWorkers() {
        var table = self.table(2)
        #expect(table.adopt(node: self.w1, slot: 1, attempt: 4, now: self.start, duration: .seconds(30)) == true)
        #expect(table.held(by: self.w1) == [self.held(1, 4)])
        #expect(table.adopt(node: self.w2, slot: 1, attempt: 6, now: self.start, duration: .seconds(30)) == false)
        #expect(table.adopt(node: self.w2, slot: 7, attempt: 1, now: self.start, duration: .seconds(30)) == false)
        table.release(node: self.w1)
        #expect(table.offer(to: self.w1, now: self.start, duration: .seconds(30)) == self.held(0, 1))
        #expect(table.offer(to: self.w1, now: self.start, duration: .seconds(30)) == self.held(1, 7))
    }

    @Test func anExpiredLeaseIsNotAdoptedFromTheWorkerThatStalledOnIt() {
        var table = self.table(1)
        _ = table.offer(to: self.w1, now: self.start, duration: .seconds(30))
        table.accept(node: self.w1, slot: 0, attempt: 1, now: self.start)
        table.expire(now: self.after(30))
        let adopted = table.adopt(node: self.w1, slot: 0, attempt: 1, now: self.after(31), duration: .seconds(30))
        #expect(!adopted)
        #expect(table.offer(to: self.w2, now: self.after(31), duration: .seconds(30)) == self.held(0, 2))
    }

    @Test func aWorkerTakenForDeadThatComesBackKeepsWhatNobodyTookOver() {
        var table = self.table(2)
        for _ in 0..<2 { _ = table.offer(to: self.w1, now: self.start, duration: .seconds(30)) }
        table.release(node: self.w1)
        #expect(table.offer(to: self.w2, now: self.start, duration: .seconds(30)) == self.held(0, 2))
        for slot in UInt32(0)..<2 {
            let adopted = table.adopt(node: self.w1, slot: slot, attempt: 1, now: self.start, duration: .seconds(30))
            #expect(adopted == (slot == 1))
        }
    }

    @Test func aGroupOfAnotherStepOrPurposeIsNotOfThisTable() {
        var table = self.table(1)
        _ = table.offer(to: self.w1, now: self.start, duration: .seconds(30))
        let others = [
            LeaseID(group: GroupID(step: GlobalStep(2), slot: 0), attempt: 1),
            LeaseID(group: GroupID(purpose: .evaluation, step: GlobalStep(3), slot: 0), attempt: 1),
        ]
        #expect(table.renew(node: self.w1, groups: others, now: self.after(4)).isEmpty)
        #expect(table.expire(now: self.after(5)).count == 1)
    }
}
