package import EADCore
import EADSampling
import Foundation

/// The problems of a task, split into training and held-out ones; equal for equal configuration and data.
package struct TaskSource: Sendable {
    /// In the order of a fixed shuffle; `index` counts from 0.
    package let training: [Problem]
    /// Never a training problem, nor an example in a prompt; `index` counts from 0.
    package let heldOut: [Problem]
    /// Problems of the file that are on neither side, because their prompts are too long.
    package let dropped: Int
    /// Lines of the file that are left out, because they repeat a problem.
    package let repeated: Int

    /// Reads the data file, if the task has one, and splits the problems.
    ///
    /// It blocks on the file and parses it, so call it off the cooperative pool. `baseDirectory` is where a relative
    /// `path` starts. The settings were checked where they were read.
    /// - Parameter limit: How long prompts may be; nil where that is not known, which is no place to drop any.
    package static func load(
        _ configuration: TaskConfiguration, baseDirectory: String, limit: PromptLimit? = nil
    ) throws(TaskError) -> TaskSource {
        let path = configuration.path.map { path in
            path.hasPrefix("/") ? path : baseDirectory.isEmpty ? path : "\(baseDirectory)/\(path)"
        }
        switch configuration.kind {
        case .add2:
            return try Self.split(TwoDigitSums.problems(), configuration, limit, fixed: TwoDigitSums.isExample)
        case .asdivEasy:
            let file = try JSONLines(path: path ?? "")
            return try Self.split(WordProblems.easy(in: file), configuration, limit)
        case .jsonl:
            let file = try JSONLines(path: path ?? "")
            let (items, repeated) = try UserProblems.read(file, configuration)
            return try Self.split(items, configuration, limit, repeated: repeated)
        case .countdown:
            return try Self.puzzles(of: Countdown.self, configuration, limit)
        case .paths:
            return try Self.puzzles(of: NumberPath.self, configuration, limit)
        }
    }

    /// Puzzles, whose side is their own.
    private static func puzzles<P: Puzzle>(
        of type: P.Type, _ configuration: TaskConfiguration, _ limit: PromptLimit?
    ) throws(TaskError) -> TaskSource {
        guard let difficulty = configuration.difficulty, let training = configuration.trainingProblems else {
            preconditionFailure("checked where the settings were read")
        }
        let set = PuzzleSet(type, difficulty: difficulty, seed: configuration.seed)
        func items(_ side: PuzzleSet<P>.Side, _ count: Int) throws(TaskError) -> [Item] {
            let puzzles = set.puzzles(side, count: count)
            guard puzzles.count == count else {
                throw .tooFewPuzzles(kind: configuration.kind.rawValue, found: puzzles.count, wanted: count)
            }
            return puzzles.enumerated().map { place, puzzle in
                Item(line: place + 1, family: puzzle.family, prompt: puzzle.prompt, answer: puzzle.statement)
            }
        }
        return try Self.fitted(
            training: items(.training, training), heldOut: items(.heldOut, configuration.heldOut), configuration, limit)
    }

    /// Gives every problem with its answer and its place in the split, in a fixed order.
    package func forEachDefiningPart(_ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeBytes(of: (UInt64(self.training.count), UInt64(self.heldOut.count)), body)
        for problem in self.training + self.heldOut {
            for text in [problem.prompt, problem.answer, problem.source, problem.metadata] {
                withUnsafeBytes(of: UInt64(text.utf8.count), body)
                Array(text.utf8).withUnsafeBytes(body)
            }
        }
    }

    /// A question before it has a place in a split. Texts with equal `family` stay on the same side of it.
    struct Item {
        /// In its file, counted from 1.
        var line: Int
        var family: String
        var prompt: String
        var answer: String
        var source = ""
        var metadata = ""
    }

    /// Shuffles families by seed and holds out whole families until `heldOut` problems are reached exactly.
    ///
    /// A family that would exceed the count is passed over. Families that are `fixed` are always trained on.
    private static func split(
        _ items: [Item], _ configuration: TaskConfiguration, _ limit: PromptLimit?,
        repeated: Int = 0, fixed: (Item) -> Bool = { _ in false }
    ) throws(TaskError) -> TaskSource {
        var members: [String: [Item]] = [:]
        var families: [String] = []
        for item in items {
            if members[item.family] == nil { families.append(item.family) }
            members[item.family, default: []].append(item)
        }
        var heldOut: [Item] = []
        var training: [Item] = []
        for place in permutation(count: families.count, seed: configuration.seed, stream: Self.familyStream) {
            let family = members[families[place]] ?? []
            if heldOut.count + family.count <= configuration.heldOut, !family.contains(where: fixed) {
                heldOut += family
            } else {
                training += family
            }
        }
        if configuration.kind == .jsonl, items.count > configuration.heldOut, heldOut.count < configuration.heldOut {
            throw .unsplittable(found: items.count, heldOut: configuration.heldOut)
        }
        guard !training.isEmpty, heldOut.count == configuration.heldOut else {
            throw .tooFewProblems(found: items.count, heldOut: configuration.heldOut)
        }
        return try Self.fitted(training: training, heldOut: heldOut, configuration, limit, repeated: repeated)
    }

    /// The problems of both sides that fit, in an order of their own.
    private static func fitted(
        training: [Item], heldOut: [Item], _ configuration: TaskConfiguration, _ limit: PromptLimit?, repeated: Int = 0
    ) throws(TaskError) -> TaskSource {
        let found = training.count + heldOut.count
        // After the split: which side a problem is on does not depend on the model.
        var tooLong: [TaskError.Line] = []
        var refused: [TaskError.Line] = []
        let training = Self.fitting(training, limit, response: limit?.trainingResponse, &tooLong, &refused)
        let heldOut = Self.fitting(heldOut, limit, response: limit?.heldOutResponse, &tooLong, &refused)
        if configuration.overlongPrompts == .refuse { refused += tooLong }
        if !refused.isEmpty {
            let lines = refused.sorted { $0.number < $1.number }
            throw .malformed(
                path: configuration.path ?? configuration.kind.rawValue, lines: Array(lines.prefix(20)),
                total: lines.count)
        }
        guard !training.isEmpty, !heldOut.isEmpty || configuration.heldOut == 0 else {
            throw .allTooLong(dropped: tooLong.count, found: found)
        }
        return TaskSource(
            training: Self.numbered(training, seed: configuration.seed, stream: Self.trainingStream),
            heldOut: Self.numbered(heldOut, seed: configuration.seed, stream: Self.heldOutStream),
            dropped: tooLong.count, repeated: repeated)
    }

    /// The items that fit; the others are added to `tooLong`, and those of which no prompt can be made to `refused`.
    private static func fitting(
        _ items: [Item], _ limit: PromptLimit?, response: Int?, _ tooLong: inout [TaskError.Line],
        _ refused: inout [TaskError.Line]
    ) -> [Item] {
        guard let limit, let response else { return items }
        return items.filter { item in
            guard let problem = limit.problem(of: item.prompt, response: response) else { return true }
            let line = TaskError.Line(number: item.line, problem: problem.message)
            switch problem {
            case .tooLong: tooLong.append(line)
            case .refused: refused.append(line)
            }
            return false
        }
    }

    /// Shuffled again, so that the members of a family are not neighbours.
    private static func numbered(_ items: [Item], seed: UInt64, stream: UInt64) -> [Problem] {
        permutation(count: items.count, seed: seed, stream: stream).enumerated().map { index, place in
            let item = items[place]
            return Problem(
                index: UInt32(index), prompt: item.prompt, answer: item.answer, source: item.source,
                metadata: item.metadata)
        }
    }

    // Streams of the split's seed, far from the small numbers others count theirs by: a seed may serve twice.
    private static let familyStream: UInt64 = 0x7461_736B_0000_0000
    private static let trainingStream: UInt64 = 0x7461_736B_0000_0001
    private static let heldOutStream: UInt64 = 0x7461_736B_0000_0002
}
