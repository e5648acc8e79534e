import EADCore
import EADProtocol
import EADTestKit
import Testing

/// Random interleavings of everything that can happen to leases, checked against a model that knows who may hold what.
@Suite struct LeaseTableInvariantTests {
    private struct Model {
        var table: LeaseTable
        var random: SplitMix64
        var now = ContinuousClock.now
        /// The live leases of each slot, by attempt, as an observer of the answers sees them: one, and perhaps a copy.
        var live: [UInt32: [UInt32: NodeID]] = [:]
        var attempts: [UInt32: UInt32] = [:]
        var completions: [UInt32: Int] = [:]
        var copies = 0

        init(seed: UInt64, count: Int) {
            self.table = LeaseTable(
                purpose: .training, step: GlobalStep(0), count: count, offerTimeout: .seconds(2),
                maximumAttempts: 1_000_000)
            self.random = SplitMix64(seed: seed)
        }

        mutating func pick<T>(_ values: [T]) -> T { values.randomElement(using: &self.random)! }

        mutating func step(nodes: [NodeID]) {
            let node = self.pick(nodes)
            let mine = self.live.sorted { $0.key < $1.key }.flatMap { slot, leases in
                leases.filter { $0.value == node }.map { (slot: slot, attempt: $0.key) }
            }
            switch Int.random(in: 0..<11, using: &self.random) {
            case 0, 1:
                self.offer(to: node)
            case 2:
                guard let (slot, attempt) = mine.first else { break }
                #expect(self.table.accept(node: node, slot: slot, attempt: attempt, now: self.now) == true)
            case 3:
                self.table.renew(
                    node: node,
                    groups: mine.map {
                        LeaseID(group: GroupID(step: GlobalStep(0), slot: $0.slot), attempt: $0.attempt)
                    }, now: self.now)
            case 4:
                guard let (slot, attempt) = mine.last else { break }
                if Bool.random(using: &self.random) {
                    #expect(self.table.failed(node: node, slot: slot, attempt: attempt, reason: "chance") == true)
                } else {
                    #expect(self.table.declined(node: node, slot: slot, attempt: attempt) == true)
                }
                self.end(slot, attempt)
            case 5:
                for lost in self.table.release(node: node) { self.lose(lost) }
                #expect(self.table.held(by: node).isEmpty)
            case 6:
                self.now = self.now.advanced(by: .milliseconds(Int.random(in: 0..<3000, using: &self.random)))
                for lost in self.table.expire(now: self.now) { self.lose(lost) }
            case 7:
                // A result, perhaps of a lease that was lost long ago, perhaps twice.
                let slot = UInt32.random(in: 0..<UInt32(self.table.count), using: &self.random)
                guard self.attempts[slot] != nil, Int.random(in: 0..<4, using: &self.random) == 0 else { break }
                if self.table.complete(slot) == .completed { self.completions[slot, default: 0] += 1 }
                self.live[slot] = nil
            case 8:
                // Groups were filtered.
                if self.table.count < 12 { self.table.extend(to: self.table.count + 1) }
                self.table.extend(to: 1)
            case 9:
                self.offerCopy(to: node, of: Set(nodes.filter { _ in Bool.random(using: &self.random) }))
            default:
                // An answer to a lease that is not held changes nothing.
                let slot = UInt32.random(in: 0..<UInt32(self.table.count), using: &self.random)
                let stale = (self.attempts[slot] ?? 0) + 1
                #expect(self.table.accept(node: node, slot: slot, attempt: stale, now: self.now) == false)
                #expect(self.table.failed(node: node, slot: slot, attempt: stale, reason: "stale") == false)
            }
        }

        mutating func offer(to node: NodeID) {
            guard let held = self.table.offer(to: node, now: self.now, duration: .seconds(4)) else {
                #expect(self.table.availableCount == 0)
                return
            }
            let slot = held.group.slot
            #expect(self.live[slot] == nil, "slot \(slot) was leased already")
            #expect(self.completions[slot] == nil, "slot \(slot) was complete already")
            #expect(held.attempt == (self.attempts[slot] ?? 0) + 1)
            self.attempts[slot] = held.attempt
            self.live[slot] = [held.attempt: node]
        }

        mutating func offerCopy(to node: NodeID, of slower: Set<NodeID>) {
            guard let held = self.table.offerCopy(to: node, of: slower, now: self.now, duration: .seconds(4)) else {
                return
            }
            let slot = held.group.slot
            let holders = self.live[slot, default: [:]].values
            #expect(holders.count == 1 && holders.allSatisfy { $0 != node && slower.contains($0) })
            #expect(self.completions[slot] == nil, "slot \(slot) was complete already")
            #expect(held.attempt == (self.attempts[slot] ?? 0) + 1)
            self.attempts[slot] = held.attempt
            self.live[slot, default: [:]][held.attempt] = node
            self.copies += 1
        }

        @discardableResult
        mutating func end(_ slot: UInt32, _ attempt: UInt32) -> NodeID? {
            let node = self.live[slot]?.removeValue(forKey: attempt)
            if self.live[slot]?.isEmpty ?? false { self.live[slot] = nil }
            return node
        }

        mutating func lose(_ lost: EndedLease) {
            #expect(self.end(lost.held.group.slot, lost.held.attempt) == lost.node)
        }

        func check() {
            let seen = self.table.holders.flatMap { node, groups in
                groups.map { "\($0.group.slot) \(node) \($0.attempt)" }
            }
            let expected = self.live.flatMap { slot, leases in leases.map { "\(slot) \($0.value) \($0.key)" } }
            #expect(seen.sorted() == expected.sorted())
            #expect(self.completions.values.allSatisfy { $0 == 1 })
            #expect(self.table.completeSlots == self.completions.keys.sorted())
            let counted = self.table.completeCount + self.table.leasedCount + self.table.availableCount
            #expect(counted == self.table.count && self.table.poisoned().isEmpty)
        }
    }

    @Test(arguments: 0..<200)
    func aSlotHasOneLiveLeaseAndCompletesOnceWhateverTheInterleaving(seed: UInt64) {
        var model = Model(seed: seed, count: 6)
        let nodes = ["a", "b", "c"].map { NodeID($0) }
        for _ in 0..<300 {
            model.step(nodes: nodes)
            model.check()
        }
        #expect(seed > 0 || model.copies > 0, "nothing was copied")
    }

    @Test(arguments: 0..<100)
    func everySlotIsCompletedAsLongAsSomeWorkerKeepsAskingWhateverTheOthersDo(seed: UInt64) {
        var model = Model(seed: seed, count: 8)
        let nodes = ["a", "b", "c"].map { NodeID($0) }
        let good = NodeID("good")
        var rounds = 0
        while !model.table.isComplete && rounds < 1000 {
            rounds += 1
            for _ in 0..<5 { model.step(nodes: nodes) }
            for lost in model.table.expire(now: model.now) { model.lose(lost) }
            if let held = model.table.offer(to: good, now: model.now, duration: .seconds(4)) {
                #expect(model.table.complete(held.group.slot) == .completed)
            }
            model.live = model.live.filter { !model.table.isComplete($0.key) }
            model.attempts = model.attempts.merging(
                model.table.holders.values.joined().map { ($0.group.slot, $0.attempt) }, uniquingKeysWith: max)
            model.now = model.now.advanced(by: .milliseconds(500))
        }
        #expect(model.table.isComplete)
    }
}
