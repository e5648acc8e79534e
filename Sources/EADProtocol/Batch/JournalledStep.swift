package import EADCore

/// What the learner has durably of one step.
package struct JournalledStep: Hashable, Sendable {
    /// In the order they were accepted.
    package var groups: [ReceivedGroup] = []
    /// Accepted before, and thrown out again; in the order of that.
    package var discarded: [DiscardedGroup] = []
    /// The run they belong to; nil of an empty step.
    package var run: RunID?

    package init() {}

    /// Which one it is; nil of an empty step.
    package var step: GlobalStep? { self.groups.first?.group.id.step ?? self.discarded.first?.lease.group.step }

    /// Takes the next record: a group that was accepted.
    package mutating func append(_ received: ReceivedGroup) { self.groups.append(received) }

    /// Takes the next record: the group that its slot held is thrown out.
    package mutating func append(_ discarded: DiscardedGroup) {
        self.groups.removeAll { $0.group.id == discarded.lease.group }
        self.discarded.append(discarded)
    }
}
