package import EADCore
package import EADFiles

extension EventFile {
    private static let responses = 4

    /// Writes the temperatures of a step's rollouts, and the first responses to each of their problems.
    package mutating func append(_ rollouts: [RolloutRecord], step: GlobalStep, time: Double) throws(FileError) {
        try self.append(
            histogram: rollouts.flatMap(\.temperatures).map { Double($0) }, tag: "rollouts/temperature", step: step,
            time: time)
        let groups = Dictionary(grouping: rollouts, by: \.slot).sorted { $0.key < $1.key }
        for (slot, records) in groups {
            guard let first = records.first else { continue }
            let parts = records.prefix(Self.responses).map { record in
                let score = record.reward.map { "reward \($0)" } ?? "without a score"
                return "\(score)\n\n\(Self.verbatim(record.response))"
            }
            try self.append(
                text: (["problem \(first.problem)\n\n\(Self.verbatim(first.prompt))"] + parts).joined(
                    separator: "\n\n"),
                tag: "rollouts/slot-\(slot)", step: step, time: time)
        }
    }

    /// Text that Markdown, which TensorBoard reads, shows as it is.
    private static func verbatim(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { "    \($0)" }.joined(separator: "\n")
    }
}
