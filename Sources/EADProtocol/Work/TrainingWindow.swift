package import EADCore
package import EADMessages

/// The steps whose groups are collected: s to s + k, where s is the step the learner trains next and k the staleness
/// bound.
///
/// The window is closed while it is not known which groups the learner holds, or while reports of steps are to come that it
/// has trained; then nothing is given out, but leases go on. Groups are given out in order of step and slot.
package struct TrainingWindow: WorkSource {
    package let curriculum: Curriculum
    package let gate: StalenessGate
    package let terms: LeaseTerms
    /// Steps of the run, of which none behind the last is opened.
    package let totalSteps: UInt64
    /// The step the learner trains next.
    package private(set) var step: GlobalStep
    package private(set) var isOpen = false
    /// The first step that is not to be opened yet, though the staleness bound would allow it; nil for none.
    ///
    /// The step that the learner trains next is always open.
    package private(set) var barrier: GlobalStep?
    /// The open steps from `step` on; none before the window was open, or when everything is trained.
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
    /// The first step that is not to be opened yet; `step` when everything is trained.
    package var end: GlobalStep {
        let allowed = min(self.gate.lastStep(at: self.version).next, max(self.step, GlobalStep(self.totalSteps)))
        return self.barrier.map { min(allowed, max($0, self.step.next)) } ?? allowed
    }
    /// The first step after the current one that is not open.
    package var firstClosed: GlobalStep { max(self.tables.last?.step ?? self.step, self.step).next }

    // MARK: Following the learner

    /// The learner is ahead, and holds exactly these groups of the steps from where it is: nothing is given out before the run
    /// has come there.
    package mutating func close(holding held: [GroupsAccepted]) {
        self.isOpen = false
        self.recall(to: held)
    }

    /// The run has come to where the learner is.
    package mutating func reopen() {
        self.isOpen = true
        self.openSteps()
    }

    /// What was not known before the learner said it.
    package struct News: Hashable, Sendable {
        /// Groups that its filter refused; each is replaced by another slot.
        package var filtered = 0
        /// Groups that it threw out; their slots are available again.
        package var discarded: [DiscardedGroup] = []

        package init(filtered: Int = 0, discarded: [DiscardedGroup] = []) {
            self.filtered = filtered
            self.discarded = discarded
        }

        static func += (lhs: inout News, rhs: News) {
            lhs.filtered += rhs.filtered
            lhs.discarded += rhs.discarded
        }
    }

    /// Steps from `barrier` on are not to be opened yet; nil for no such step.
    package mutating func wait(at barrier: GlobalStep?) {
        guard barrier != self.barrier else { return }
        self.barrier = barrier
        if self.isOpen { self.openSteps() }
    }

    /// The learner is at `step` and holds exactly these groups of the steps from there on.
    ///
    /// Leases go on. A group that the learner has lost has to be produced again.
    @discardableResult
    package mutating func open(at step: GlobalStep, holding held: [GroupsAccepted]) -> News {
        self.step = step
        self.isOpen = true
        var news = News()
        for held in held { news.discarded += self.discard(held) }
        self.tables.removeAll { $0.step < step }
        self.recall(to: held)
        self.openSteps()
        for held in held {
            if let place = self.tables.firstIndex(where: { $0.step == held.step }) {
                self.tables[place].countDiscards(held)
            }
            news += self.complete(held)
        }
        return news
    }

    private mutating func recall(to held: [GroupsAccepted]) {
        for place in self.tables.indices {
            let step = self.tables[place].step
            let held = held.first { $0.step == step } ?? GroupsAccepted(step: step, slots: [])
            let wanted = max(self.curriculum.order.promptsPerStep, Int(held.slotCount))
            self.tables[place].recall(to: held.slots, of: wanted)
            // What the learner remembers counts: it may have another past than the one this table has seen.
            self.tables[place].countDiscards(held)
        }
    }

    /// The learner holds these groups of an open step durably; of other steps nothing is to be known.
    @discardableResult
    package mutating func complete(_ held: GroupsAccepted) -> News {
        var news = News(discarded: self.discard(held))
        guard let place = self.tables.firstIndex(where: { $0.step == held.step }) else { return news }
        news.filtered = max(0, min(Int(held.slotCount), self.curriculum.maximumSlots) - self.tables[place].count)
        if news.filtered > 0 {
            let count = self.tables[place].count + news.filtered
            self.tables[place].append(self.curriculum.items(of: held.step, count: count).suffix(news.filtered))
        }
        let discards = held.discards
        for slot in held.slots where discards[slot, default: 0] >= self.tables[place].leases.discards(of: slot) {
            self.tables[place].leases.complete(slot)
        }
        return news
    }

    /// Groups of an open step were thrown out; those known before are counted already.
    private mutating func discard(_ held: GroupsAccepted) -> [DiscardedGroup] {
        guard let place = self.tables.firstIndex(where: { $0.step == held.step }) else { return [] }
        var seen: [UInt32: Int] = [:]
        return held.discarded.filter { group in
            seen[group.slot, default: 0] += 1
            guard seen[group.slot, default: 0] > self.tables[place].leases.discards(of: group.slot) else {
                return false
            }
            self.tables[place].leases.discard(group.slot, of: group.sender, reason: group.reason)
            return true
        }
    }

    /// The learner is at `step`: those before it are over. An open window opens the next ones, a closed one stays closed.
    package mutating func move(to step: GlobalStep) {
        self.step = step
        self.tables.removeAll { $0.step < step }
        if self.isOpen { self.openSteps() }
    }

    private mutating func openSteps() {
        let end = self.end
        self.tables.removeAll { $0.step >= end }
        var next = self.step
        while next < end {
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

extension GroupsAccepted {
    /// How many groups of each slot were thrown out.
    var discards: [UInt32: Int] { self.discarded.reduce(into: [:]) { $0[$1.slot, default: 0] += 1 } }
}
