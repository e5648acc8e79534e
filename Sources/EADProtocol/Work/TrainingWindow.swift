package import EADCore
package import EADMessages

/// The steps whose groups are collected: s to s + k, where s is the step the learner trains next and k the staleness
/// bound.
///
/// The window is closed while it is not known which groups the learner holds; then there is nothing to give out. Groups
/// are given out in order of step and slot.
package struct TrainingWindow: WorkSource {
    package let curriculum: Curriculum
    package let gate: StalenessGate
    package let terms: LeaseTerms
    /// Steps of the run, of which none behind the last is opened.
    package let totalSteps: UInt64
    /// The step the learner trains next.
    package private(set) var step: GlobalStep
    package private(set) var isOpen = false
    /// The open steps from `step` on; none when the window is closed, or everything is trained.
    package var tables: [WorkTable] = []

    /// A closed window.
    package init(
        at step: GlobalStep, curriculum: Curriculum, gate: StalenessGate, terms: LeaseTerms, totalSteps: UInt64
    ) {
        self.step = step
        self.curriculum = curriculum
        self.gate = gate
        self.terms = terms
        self.totalSteps = totalSteps
    }

    /// The newest policy version there is.
    package var version: PolicyVersion { self.step.startVersion }
    /// Whether every step is trained.
    package var isFinished: Bool { self.step.rawValue >= self.totalSteps }
    package func isOpen(_ step: GlobalStep) -> Bool { self.tables.contains { $0.step == step } }

    // MARK: Following the learner

    /// It is not known any more what the learner holds.
    package mutating func close() {
        self.isOpen = false
        self.tables = []
    }

    /// The learner is at `step` and holds exactly these groups of the steps from there on.
    ///
    /// Leases go on, except in a step of which the learner has lost a group: it has to be produced again.
    /// - Returns: How many groups were filtered that this window had not heard of.
    @discardableResult
    package mutating func open(at step: GlobalStep, holding held: [GroupsAccepted]) -> Int {
        self.step = step
        self.isOpen = true
        self.tables.removeAll { table in
            let slots = held.first { $0.step == table.step }?.slots ?? []
            return table.step < step || !Set(table.leases.completeSlots).isSubset(of: slots)
        }
        self.openSteps()
        return held.reduce(0) { $0 + self.complete($1) }
    }

    /// The learner holds these groups of an open step durably; of other steps nothing is to be known.
    /// - Returns: How many groups were filtered that this window had not heard of; each is replaced by another slot.
    @discardableResult
    package mutating func complete(_ held: GroupsAccepted) -> Int {
        guard let place = self.tables.firstIndex(where: { $0.step == held.step }) else { return 0 }
        let added = max(0, min(Int(held.slotCount), self.curriculum.maximumSlots) - self.tables[place].count)
        if added > 0 {
            let count = self.tables[place].count + added
            self.tables[place].append(self.curriculum.items(of: held.step, count: count).suffix(added))
        }
        for slot in held.slots { self.tables[place].leases.complete(slot) }
        return added
    }

    /// The learner is at `step`: those before it are over. An open window opens the next ones, a closed one stays closed.
    package mutating func move(to step: GlobalStep) {
        self.step = step
        guard self.isOpen else { return }
        self.tables.removeAll { $0.step < step }
        self.openSteps()
    }

    private mutating func openSteps() {
        let last = self.gate.lastStep(at: self.version)
        self.tables.removeAll { $0.step > last }
        var next = self.step
        while next <= last, next.rawValue < self.totalSteps {
            if !self.isOpen(next) { self.tables.append(self.table(of: next)) }
            next = next.next
        }
        self.tables.sort { $0.step < $1.step }
    }

    private func table(of step: GlobalStep) -> WorkTable {
        WorkTable(
            purpose: .training, step: step, items: self.curriculum.items(of: step), samples: self.curriculum.samples,
            oldestVersion: self.gate.oldestVersion(in: step), terms: self.terms)
    }
}
