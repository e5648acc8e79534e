/// Why a task's problems could not be loaded.
package enum TaskError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A line that holds no usable problem.
    package struct Line: Hashable, Sendable {
        /// Counted from 1.
        package var number: Int
        package var problem: String

        package init(number: Int, problem: String) {
            self.number = number
            self.problem = problem
        }
    }

    /// The file could not be read.
    case unreadable(path: String, reason: String)
    /// The file has no lines, or none of the wanted problems.
    case empty(path: String, wanted: String)
    /// At least one line is unusable; `lines` are the first 20 of `total`.
    case malformed(path: String, lines: [Line], total: Int)
    /// No line is from these sources, for which the task names verifiers.
    case unknownSources(path: String, [String])
    /// Holding out so many problems leaves none to train on.
    case tooFewProblems(found: Int, heldOut: Int)
    /// So many puzzles of this difficulty could not be made.
    case tooFewPuzzles(kind: String, found: Int, wanted: Int)
    /// Problems that must stay together on one side of the split do not add up to so many.
    case unsplittable(found: Int, heldOut: Int)

    /// Dropping prompts that are too long leaves a side of the split without any.
    case allTooLong(dropped: Int, found: Int)

    package var description: String {
        switch self {
        case .unreadable(let path, let reason):
            return "cannot read \(path): \(reason)"
        case .empty(let path, let wanted):
            return "\(path) holds no \(wanted)"
        case .malformed(let path, let lines, let total):
            let shown = lines.map { "\(path):\($0.number): \($0.problem)" }
            let more = total > lines.count ? ["... and \(total - lines.count) more lines of \(path)"] : []
            return (shown + more).joined(separator: "\n")
        case .unknownSources(let path, let sources):
            return
                "task.verifiers names \(sources.joined(separator: ", ")), but no line of \(path) has such a source; "
                + "task.columns.source says what the key is called"
        case .tooFewProblems(let found, let heldOut):
            return
                "holding out \(heldOut) of \(found) problems leaves none to train on; lower task.held_out below \(found)"
        case .tooFewPuzzles(let kind, let found, let wanted):
            return
                "only \(found) different problems of \(kind) with this difficulty were found where \(wanted) are wanted; lower "
                + "task.held_out or task.problems, or choose another task.difficulty"
        case .allTooLong(let dropped, let found):
            return
                "\(dropped) of \(found) prompts are too long for the model's context, and no problem is left to train on "
                + "or to evaluate; lower sampling.max_tokens, or use shorter prompts"
        case .unsplittable(let found, let heldOut):
            return
                "\(heldOut) of \(found) problems cannot be held out exactly, because problems with the same prompt stay on "
                + "one side; choose another task.held_out or task.seed"
        }
    }
}
