import EADController
import EADCore
import EADProtocol
import EADTestKit

/// Disks: what is on them, and how they fail, fill up and forget.
extension Simulation {
    /// What survives the death of the learner.
    struct Disk: Sendable {
        var checkpoint: (step: GlobalStep, weights: UInt64, run: RunID?) = (GlobalStep(0), 17, nil)
        var journal: [GlobalStep: JournalledStep] = [:]
        /// What was deleted since the names in the journal's directory were flushed last.
        var deleted: [GlobalStep: JournalledStep] = [:]

        mutating func append(_ received: ReceivedGroup, run: RunID) {
            let step = received.group.id.step
            // A new file flushes the names in its directory.
            if self.journal[step] == nil { self.deleted = [:] }
            self.journal[step, default: JournalledStep()].append(received)
            self.journal[step]?.run = run
        }

        mutating func delete(_ step: GlobalStep) {
            if let held = self.journal.removeValue(forKey: step) { self.deleted[step] = held }
        }
    }

    /// Files as they were, for disks that forget.
    struct Copies: Sendable {
        var disks: [(disk: Disk, steps: Ledger.Steps)] = []
        var snapshots: [RunSnapshot] = []
        var due: ContinuousClock.Instant?
    }

    func copyDisks() {
        guard self.faults.oldFiles > 0, self.copies.due.map({ $0 <= self.now }) ?? true else { return }
        self.copies.due = self.now + Self.second
        self.copies.disks.append((self.disk, self.ledger.steps))
        self.copies.snapshots.append(self.snapshot)
    }

    /// A disk that had not written what it said it had, or a directory that was restored from a copy.
    func restoreOldFiles(of node: NodeID) {
        guard self.elapsed < self.faults.end, self.strikes(.oldFiles) else { return }
        let place = Int(self.random.next() % UInt64(max(self.copies.disks.count, 1)))
        guard self.copies.disks.indices.contains(place) else { return }
        switch node {
        case Self.learnerNode:
            let (old, steps) = self.copies.disks[place]
            let part = self.random.next() % 3
            if part != 2 { self.disk.checkpoint = old.checkpoint }
            if part != 1 { (self.disk.journal, self.disk.deleted) = (old.journal, old.deleted) }
            self.ledger.forget(
                whatIsNotIn: self.disk, part == 2 ? self.ledger.steps : steps,
                isSynchronous: self.gate.bound == 0)
        case Self.controllerNode: self.snapshot = self.copies.snapshots[place]
        default: return
        }
        self.ledger.restorations += 1
    }

    /// Lets a role write, unless its disk fails; then the process ends and may or may not have written.
    /// - Returns: Whether the process goes on.
    func write(_ node: NodeID, _ body: () -> Void) -> Bool {
        let hasFaults = self.elapsed < self.faults.end
        let isFull = hasFaults && (self.fullUntil[node] ?? self.start) > self.now
        guard isFull || (hasFaults && self.strikes(.failingDisk)) else {
            body()
            return true
        }
        if !isFull, self.random.chance(0.5) { body() }
        self.kill(node)
        return false
    }

    /// What was acknowledged is on the disk that a learner finds, unless a checkpoint covers it.
    func checkDurability() {
        guard self.ledger.restorations == 0 else { return }
        for group in self.ledger.acknowledged where group.id.step >= self.disk.checkpoint.step {
            let held = self.disk.journal[group.id.step]?.groups ?? []
            if !held.contains(where: { $0.group.id == group.id }) {
                self.ledger.violation("\(group.id) was acknowledged and did not survive")
            }
        }
    }

    func injectDiskFaults(_ seconds: Double) {
        for node in [Self.controllerNode, Self.learnerNode] where self.strikes(.fullDisk, seconds) {
            self.fullUntil[node] = self.now + .milliseconds(Int64(5000 + self.random.next() % 35_000))
        }
        guard self.strikes(.powerCut, seconds) else { return }
        for step in self.disk.deleted.keys.sorted() where self.random.chance(0.5) {
            if self.disk.journal[step] == nil { self.disk.journal[step] = self.disk.deleted[step] }
        }
        self.disk.deleted = [:]
        if self.faults.mutant == .unflushedWrite, let last = self.disk.journal.keys.max(),
            !(self.disk.journal[last]?.groups.isEmpty ?? true)
        {
            self.disk.journal[last]?.groups.removeLast(1)
        }
        for node in [Self.controllerNode, Self.learnerNode] where self.isAlive(node) { self.kill(node) }
    }
}
