package import EADCore

/// The held-out problems to be answered under one policy version, and the answers that have come.
///
/// Its groups belong to the step that updates the version, and so allow no other version.
package struct EvaluationWork: WorkSource {
    package let version: PolicyVersion
    /// Sampled responses per problem.
    package let samples: UInt32
    /// Whether each problem is answered greedily, too.
    package let isGreedy: Bool
    /// The operator's request it answers; 0 when the plan wants it.
    package let request: UInt64
    package var tables: [WorkTable]
    private var answers: [UInt32: [EvaluatedSample]] = [:]

    package init(
        version: PolicyVersion, problems: [Problem], samples: UInt32, isGreedy: Bool, request: UInt64 = 0, seed: UInt64,
        terms: LeaseTerms
    ) {
        self.version = version
        self.samples = samples
        self.isGreedy = isGreedy
        self.request = request
        self.tables = [
            WorkTable(
                purpose: .evaluation, step: version.nextStep,
                items: problems.map { WorkTable.Item(problem: $0, seed: seed) }, samples: samples,
                oldestVersion: version, terms: terms)
        ]
    }

    package var isOpen: Bool { true }
    package var isComplete: Bool { self.tables.allSatisfy(\.isComplete) }

    /// The problems answered so far with their answers, in order of slot.
    package var answered: [(problem: Problem, samples: [EvaluatedSample])] {
        self.answers.sorted { $0.key < $1.key }.map { slot, samples in
            (self.tables[0].items[Int(slot)].problem, samples)
        }
    }

    /// Why an answer is not what was asked for; nil when it is.
    package func objection(to answer: [EvaluatedSample]) -> String? {
        let greedy = answer.count(where: \.greedy)
        let wanted = (drawn: Int(self.samples), greedy: self.isGreedy ? 1 : 0)
        guard answer.count - greedy != wanted.drawn || greedy != wanted.greedy else { return nil }
        return "\(answer.count - greedy) sampled and \(greedy) greedy responses came, "
            + "\(wanted.drawn) and \(wanted.greedy) were wanted"
    }

    /// Whether the problem of a group is answered already; what still comes for it changes nothing.
    package func isAnswered(_ group: GroupID) -> Bool { self.tables[0].leases.isComplete(group.slot) }

    /// Takes the answer to the problem of one of its groups; the first one counts.
    package mutating func accept(_ answer: [EvaluatedSample], for group: GroupID) {
        precondition(self.covers(group) && self.objection(to: answer) == nil, "an answer that was not asked for")
        guard self.tables[0].leases.complete(group.slot) == .completed else { return }
        self.answers[group.slot] = answer
    }
}
