import EADSampling

/// The puzzles of one kind and difficulty, on two sides that share no problem, whatever the seeds.
///
/// The side is a function of the problem alone: a hash of its family. So demonstrations drawn with one seed are never held
/// out with another.
package struct PuzzleSet<P: Puzzle>: Sendable {
    package enum Side: UInt64, Sendable {
        case training
        case heldOut
    }

    let difficulty: Int
    let seed: UInt64

    package init(_: P.Type, difficulty: Int, seed: UInt64) {
        precondition(P.difficulties.contains(difficulty), "checked where it was read")
        self.difficulty = difficulty
        self.seed = seed
    }

    static func side(of family: String) -> Side {
        // FNV-1a. Its low bits alone would depend on the low bits of the text alone.
        let hash = family.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        var generator = PhiloxGenerator(seed: hash, stream: PuzzleStream.sides)
        return generator.below(8) == 0 ? .heldOut : .training
    }

    /// The first `count` of a side, no family twice; fewer where there seem to be no more.
    package func puzzles(_ side: Side, count: Int) -> [P] {
        var generator = PhiloxGenerator(seed: self.seed, stream: PuzzleStream.problems + side.rawValue)
        var families: Set<String> = []
        var puzzles: [P] = []
        var failures = 0
        while puzzles.count < count, failures < 100_000 {
            failures += 1
            guard let puzzle = P.random(difficulty: self.difficulty, &generator) else { continue }
            let family = puzzle.family
            guard Self.side(of: family) == side, families.insert(family).inserted else { continue }
            puzzles.append(puzzle)
            failures = 0
        }
        return puzzles
    }

    /// Demonstrations of puzzles of this set: one of each in their order, then a second one of each, and so on.
    package func demonstrations(of puzzles: [P], each: Int = 1, quality: Double) -> [PuzzleDemonstration] {
        (0..<each * puzzles.count).map { number in
            let puzzle = puzzles[number % puzzles.count]
            var generator = PhiloxGenerator(seed: self.seed, stream: PuzzleStream.demonstrations + UInt64(number))
            guard let response = puzzle.demonstration(quality: quality, &generator) else {
                preconditionFailure("a puzzle of a set has a solution")
            }
            return PuzzleDemonstration(prompt: puzzle.prompt, response: response)
        }
    }
}

/// A problem and what somebody did about it: a line of a file of demonstrations.
package struct PuzzleDemonstration: Encodable, Hashable, Sendable {
    package var prompt: String
    package var response: String
}

/// Streams of the seed, far from the small numbers others count theirs by.
private enum PuzzleStream {
    static let sides: UInt64 = 0x7075_7A7A_0000_0000
    static let problems: UInt64 = 0x7075_7A7A_0001_0000
    static let demonstrations: UInt64 = 0x7075_7A7A_1000_0000
}
