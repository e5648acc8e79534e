import ArgumentParser
import EADCore
import EADEnvironments
import EADFiles
import EADRuntime
import Foundation

/// `ead-ctl task write`
struct TaskWriteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write",
        abstract:
            "Writes demonstrations of a task that makes its problems: lines {\"prompt\": ..., \"response\": ...}.",
        discussion: """
            The arithmetic of a demonstration is right; each step is chosen to lead to the goal with the probability \
            --quality, and at random otherwise. The problems are those of the training side, unless --held-out says \
            otherwise; no seed makes a problem of one side one of the other. The same options give the same bytes.
            """)

    @Option(name: .long, help: "countdown or paths.")
    var task: TaskConfiguration.Kind

    @Option(name: .long, help: "How hard the problems are (default: 5 for countdown, 8 for paths).")
    var difficulty: Int?

    @Option(name: .long, help: "Different problems.")
    var count: Int

    @Option(name: .long, help: "Demonstrations of each.")
    var each = 1

    @Option(name: .long, help: "The share of steps that are chosen to lead to the goal, 0 to 1.")
    var quality = 1.0

    @Option(name: .long, help: "Other seeds give other problems.")
    var seed: UInt64 = 0

    @Flag(name: .long, help: "Problems of the held-out side.")
    var heldOut = false

    @Option(name: .shortAndLong, help: "The file to write.")
    var output: String

    func validate() throws {
        guard let puzzle = self.task.puzzle else {
            throw ValidationError("--task must be countdown or paths: \(self.task.rawValue) makes no demonstrations")
        }
        let range = puzzle.difficulties
        if let difficulty = self.difficulty, !range.contains(difficulty) {
            throw ValidationError(
                "--difficulty must be \(range.lowerBound) to \(range.upperBound) for \(self.task.rawValue)")
        }
        guard (0...1).contains(self.quality), self.count > 0, self.each > 0 else {
            throw ValidationError("--quality must be 0 to 1, --count and --each at least 1")
        }
    }

    func run() {
        do {
            let configuration = TaskConfiguration(kind: self.task, heldOut: 0, difficulty: self.difficulty)
            guard let puzzle = self.task.puzzle, let difficulty = configuration.difficulty else {
                preconditionFailure("checked by validate")
            }
            let text = try self.lines(of: puzzle, difficulty: difficulty)
            try DurableFile.replace(self.output, with: Array(text.utf8).span.bytes)
        } catch {
            RoleRunner.fail(error)
        }
    }

    private func lines<P: Puzzle>(of type: P.Type, difficulty: Int) throws -> String {
        let set = PuzzleSet(type, difficulty: difficulty, seed: self.seed)
        let puzzles = set.puzzles(self.heldOut ? .heldOut : .training, count: self.count)
        guard puzzles.count == self.count else {
            throw TaskError.tooFewPuzzles(kind: self.task.rawValue, found: puzzles.count, wanted: self.count)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try set.demonstrations(of: puzzles, each: self.each, quality: self.quality).map {
            String(decoding: try encoder.encode($0), as: UTF8.self) + "\n"
        }.joined()
    }
}
