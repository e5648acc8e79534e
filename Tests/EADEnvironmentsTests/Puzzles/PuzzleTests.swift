import EADCore
import EADSampling
import Testing

@testable import EADEnvironments

/// What holds for every kind of puzzle.
@Suite struct PuzzleTests {
    private func sides<P: Puzzle>(
        _: P.Type, _ difficulty: Int, seed: UInt64, count: Int = 60
    ) -> (training: [P], heldOut: [P]) {
        let set = PuzzleSet(P.self, difficulty: difficulty, seed: seed)
        return (set.puzzles(.training, count: count), set.puzzles(.heldOut, count: count))
    }

    private func everyProblemIsSolved<P: Puzzle>(_: P.Type, _ difficulty: Int) {
        let (training, heldOut) = self.sides(P.self, difficulty, seed: 1)
        let set = PuzzleSet(P.self, difficulty: difficulty, seed: 1)
        #expect(training.count == 60 && heldOut.count == 60)
        for puzzle in training + heldOut { #expect(P(puzzle.statement) == puzzle) }
        for (puzzle, demonstration) in zip(training, set.demonstrations(of: training, quality: 1)) {
            let verdict = puzzle.verdict(on: demonstration.response)
            #expect(verdict.reward == 1 && verdict.strictReward == 1, "\(demonstration)")
            #expect(verdict.prediction != nil && demonstration.prompt == puzzle.statement + "\n")
        }
    }

    @Test(arguments: [3, 4, 5]) func everyCountdownHasASolution(difficulty: Int) {
        self.everyProblemIsSolved(Countdown.self, difficulty)
    }

    @Test(arguments: [2, 8, 10]) func everyPathHasASolution(difficulty: Int) {
        self.everyProblemIsSolved(NumberPath.self, difficulty)
    }

    private func noProblemIsOnBothSides<P: Puzzle>(_: P.Type, _ difficulties: [Int]) {
        var sides: [PuzzleSet<P>.Side: Set<String>] = [:]
        for difficulty in difficulties {
            for seed in 1...3 as ClosedRange<UInt64> {
                let (training, heldOut) = self.sides(P.self, difficulty, seed: seed)
                sides[.training, default: []].formUnion(training.map(\.family))
                sides[.heldOut, default: []].formUnion(heldOut.map(\.family))
                #expect(Set(training.map(\.family)).count == training.count)
            }
        }
        #expect(sides[.training, default: []].isDisjoint(with: sides[.heldOut, default: []]))
    }

    @Test func noProblemIsOnBothSidesWhateverTheSeeds() {
        self.noProblemIsOnBothSides(Countdown.self, [3, 4, 6])
        self.noProblemIsOnBothSides(NumberPath.self, [4, 8])
    }

    @Test func problemsAndDemonstrationsAreFixedBySeed() {
        func demonstrations(_ seed: UInt64) -> [PuzzleDemonstration] {
            let set = PuzzleSet(Countdown.self, difficulty: 4, seed: seed)
            return set.demonstrations(of: set.puzzles(.training, count: 20), quality: 0.5)
        }
        #expect(demonstrations(7) == demonstrations(7))
        #expect(demonstrations(7) != demonstrations(8))
        let set = PuzzleSet(Countdown.self, difficulty: 4, seed: 7)
        let twice = set.demonstrations(of: set.puzzles(.training, count: 20), each: 2, quality: 0.5)
        #expect(twice.count == 40 && Array(twice.prefix(20)) == demonstrations(7))
        #expect(twice.suffix(20).map(\.prompt) == demonstrations(7).map(\.prompt))
        #expect(Array(twice.suffix(20)) != demonstrations(7))
    }

    /// What the share of right demonstrations is for, the arithmetic of all being right.
    @Test func theQualityOfDemonstrationsIsTheShareOfStepsThatAimAtTheGoal() {
        func rewards(_ quality: Double) -> Double {
            let set = PuzzleSet(Countdown.self, difficulty: 4, seed: 3)
            let puzzles = set.puzzles(.training, count: 100)
            let verdicts = zip(puzzles, set.demonstrations(of: puzzles, quality: quality)).map {
                $0.verdict(on: $1.response)
            }
            #expect(verdicts.allSatisfy { $0.prediction != nil })
            return verdicts.reduce(0) { $0 + Double($1.reward) }
        }
        #expect(rewards(0) < 10)
        #expect((20...80).contains(rewards(0.7)))
        #expect(rewards(1) == 100)
    }

    @Test func aTaskHasTheProblemsOfItsSet() throws {
        for kind in [TaskConfiguration.Kind.countdown, .paths] {
            let task = TaskConfiguration(kind: kind, seed: 5, heldOut: 30, difficulty: 4, trainingProblems: 50)
            let source = try TaskSource.load(task, baseDirectory: "")
            #expect(source.training.count == 50 && source.heldOut.count == 30)
            #expect(Set(source.training.map(\.prompt)).isDisjoint(with: source.heldOut.map(\.prompt)))
            #expect((source.training + source.heldOut).allSatisfy { $0.prompt == $0.answer + "\n" })
            #expect(task.stopStrings.isEmpty)
        }
        let error = #expect(throws: TaskError.self) {
            try TaskSource.load(
                TaskConfiguration(kind: .countdown, heldOut: 1_000_000, difficulty: 3, trainingProblems: 1),
                baseDirectory: "")
        }
        #expect(error?.description.contains("different problems of countdown") == true)
    }
}
