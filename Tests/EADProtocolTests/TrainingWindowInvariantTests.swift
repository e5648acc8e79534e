import EADCore
import EADMessages
import EADProtocol
import EADTestKit
import Testing

/// Random interleavings of everything that can happen to a window, with a learner that trains what it was given.
@Suite struct TrainingWindowInvariantTests {
    /// A run of the window alone: workers and a learner that hold what they were offered, and die.
    private struct Model {
        let bound: UInt64
        let totalSteps: UInt64
        var window: TrainingWindow
        var random: SplitMix64
        var now = ContinuousClock.now
        /// Leases the workers hold, as far as they know.
        var held: [LeaseID: (lease: Lease, node: NodeID)] = [:]
        /// What is durable at the learner, by step and slot.
        var journal: [GlobalStep: [UInt32: Lease]] = [:]
        var slotCounts: [GlobalStep: UInt32] = [:]
        /// The step the learner trains next.
        var step = GlobalStep(0)
        /// How often the learner lost its disk.
        var rewinds = 0
        /// The prompts of the steps that were trained last, by step.
        var trained: [GlobalStep: [UInt32]] = [:]

        init(seed: UInt64, bound: UInt64, totalSteps: UInt64) {
            self.bound = bound
            self.totalSteps = totalSteps
            self.random = SplitMix64(seed: seed)
            self.window = WorkHarness.window(bound, totalSteps: totalSteps)
            self.window.open(at: self.step, holding: [])
        }

        private mutating func chance(_ probability: Double) -> Bool {
            Double.random(in: 0..<1, using: &self.random) < probability
        }

        func holding(_ step: GlobalStep) -> GroupsAccepted {
            GroupsAccepted(
                step: step, slots: (self.journal[step] ?? [:]).keys.sorted(), slotCount: self.slotCounts[step] ?? 3)
        }

        mutating func advance(_ nodes: [NodeID]) {
            let node = nodes.randomElement(using: &self.random)!
            let mine = self.held.values.filter { $0.node == node }.map(\.lease).sorted { $0.group < $1.group }
            switch Int.random(in: 0..<12, using: &self.random) {
            case 0, 1, 2: self.offer(to: node)
            case 3: self.window.renew(mine.map(\.id), of: node, now: self.now)
            case 4, 5, 6:
                guard let lease = mine.randomElement(using: &self.random) else { break }
                self.held[lease.id] = nil
                self.deliver(lease)
            case 7:
                guard let lease = mine.last else { break }
                self.held[lease.id] = nil
                if self.chance(0.5) {
                    self.window.decline(lease.id, by: node)
                } else {
                    self.window.fail(lease.id, by: node, reason: "chance")
                }
            case 8:
                self.window.release(node)
                if self.chance(0.5) { self.held = self.held.filter { $0.value.node != node } }
            case 9:
                self.now += .milliseconds(Int.random(in: 0..<9000, using: &self.random))
                _ = self.window.expire(now: self.now)
            case 10: self.tell()
            default: self.dieAsLearnerOrController()
            }
            self.train()
        }

        private mutating func offer(to node: NodeID) {
            guard let lease = self.window.offer(to: node, now: self.now) else { return }
            let (step, floor) = (lease.group.step, lease.oldestVersion)
            #expect(self.step <= step && step.rawValue <= self.step.rawValue + self.bound, "\(step) is not open")
            #expect(step.rawValue < self.totalSteps)
            #expect(floor.rawValue == step.rawValue - min(step.rawValue, self.bound))
            // The newest version there is can be used, so nobody waits for one that has yet to be made.
            #expect(lease.allows(self.step.startVersion))
            let item = WorkHarness.curriculum.items(of: step, count: 6)[Int(lease.group.slot)]
            #expect(lease.problem == item.problem && lease.seed == item.seed)
            self.held[lease.id] = (lease, node)
        }

        /// A group reaches the learner, whether its lease is alive or not.
        private mutating func deliver(_ lease: Lease) {
            let step = lease.group.step
            guard self.step <= step, step.rawValue <= self.step.rawValue + self.bound else { return }
            // A slot that an earlier life opened: this one drops the group until it opens the slot itself.
            guard lease.group.slot < self.slotCounts[step] ?? 3 else { return }
            guard self.journal[step]?[lease.group.slot] == nil else { return }
            self.journal[step, default: [:]][lease.group.slot] = lease
            // Every fourth problem is filtered.
            if lease.problem.index % 4 == 0 {
                self.slotCounts[step] = min((self.slotCounts[step] ?? 3) + 1, 6)
            }
            if self.chance(0.8) { self.window.complete(self.holding(step)) }
        }

        /// What was lost on the way is told again.
        private mutating func tell() {
            for step in self.journal.keys { self.window.complete(self.holding(step)) }
        }

        private mutating func dieAsLearnerOrController() {
            var leases = self.window.holders
            if self.chance(0.3) {
                leases = [:]
                // The controller starts again: it knows the step, and hears what the learner holds.
                self.window = WorkHarness.window(self.bound, totalSteps: self.totalSteps, at: self.step.rawValue)
            } else if self.rewinds < 3, self.chance(0.1), self.step.rawValue > 0 {
                // The learner lost its disk from some step on.
                self.rewinds += 1
                let lost = GlobalStep(UInt64.random(in: 0..<self.step.rawValue, using: &self.random))
                self.step = lost
                for step in self.journal.keys where lost <= step {
                    self.journal[step] = nil
                    self.slotCounts[step] = nil
                }
            }
            let steps = self.journal.keys.filter { self.step <= $0 }
            self.window.open(at: self.step, holding: steps.map { self.holding($0) })
            for lease in leases.values.joined() where self.window.isOpen(lease.group.step) {
                let isSafe = self.journal[lease.group.step]?[lease.group.slot] != nil
                #expect(isSafe || self.window.holders.values.joined().contains(lease), "\(lease) is taken away")
            }
        }

        /// Trains the step whose slots are all filled.
        private mutating func train() {
            while let groups = self.journal[self.step], groups.count == Int(self.slotCounts[self.step] ?? 3) {
                self.trained[self.step] = (0..<3).map { groups[$0]!.problem.index }
                self.step = self.step.next
                self.window.move(to: self.step)
            }
        }

        func check() {
            #expect(self.window.step == self.step)
            let end = min(self.totalSteps, self.step.rawValue + self.bound + 1)
            #expect(self.window.tables.map(\.step.rawValue) == Array(self.step.rawValue..<max(end, self.step.rawValue)))
            for table in self.window.tables {
                // Nothing is taken for safe that the learner does not hold.
                let safe = Set((self.journal[table.step] ?? [:]).keys)
                #expect(Set(table.leases.completeSlots).isSubset(of: safe))
                #expect(table.items.count == table.count)
                #expect(table.count <= Int(self.slotCounts[table.step] ?? 3))
            }
        }
    }

    /// Each step has its own prompts once, so each pass has every problem once.
    private func expectEveryPromptOncePerPass(_ model: Model) {
        #expect(model.trained.count == Int(model.totalSteps))
        let prompts = (0..<model.totalSteps).flatMap { model.trained[GlobalStep($0)] ?? [] }
        for pass in 0..<prompts.count / 7 {
            #expect(Set(prompts[pass * 7..<(pass + 1) * 7]).count == 7, "pass \(pass): \(prompts)")
        }
    }

    @Test(arguments: [0, 1, 2] as [UInt64], 0..<25)
    func everySlotIsAcceptedOnceAndEveryPromptTrainedOncePerPassWhoeverDies(bound: UInt64, seed: UInt64) {
        var model = Model(seed: seed, bound: bound, totalSteps: 14)
        let nodes = ["a", "b", "c"].map { NodeID($0) }
        var rounds = 0
        while !model.window.isFinished, rounds < 10_000 {
            rounds += 1
            model.advance(nodes)
            model.check()
        }
        #expect(model.window.isFinished, "\(rounds) rounds")
        self.expectEveryPromptOncePerPass(model)
    }
}
