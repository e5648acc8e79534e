import EADCore
import EADEnvironments
import EADTestKit
import Testing

@testable import EADFineTuning

@Suite struct DemonstrationSplitTests {
    /// Three demonstrations for each of so many prompts, one after the other.
    private func demonstrations(prompts: Int) -> [Demonstration] {
        (0..<3 * prompts).map {
            Demonstration(line: $0 + 1, prompt: [TokenID($0 % prompts), 7], response: [TokenID($0), 2])
        }
    }

    @Test(arguments: [0, 1, 3, 10, 57])
    func demonstrationsOfOnePromptAreOnOneSide(_ heldOut: Int) throws {
        let all = self.demonstrations(prompts: 20)
        let split = try DemonstrationSplit(all, heldOut: heldOut, seed: 4)
        #expect(Set(split.training.map(\.prompt)).isDisjoint(with: split.heldOut.map(\.prompt)))
        #expect((split.training + split.heldOut).map(\.line).sorted() == all.map(\.line))
        #expect(split.heldOut.count == (heldOut + 2) / 3 * 3, "whole prompts fill up the number")
        #expect(split.training.map(\.line) == split.training.map(\.line).sorted(), "the order of the file")
    }

    @Test func theSplitIsFixedByItsSeed() throws {
        let all = self.demonstrations(prompts: 50)
        func lines(_ seed: UInt64) throws -> [Int] {
            try DemonstrationSplit(all, heldOut: 9, seed: seed).heldOut.map(\.line)
        }
        #expect(try lines(1) == lines(1))
        #expect(try lines(1) != lines(2))
    }

    @Test func holdingOutEverythingIsRefused() {
        #expect(throws: RoleFailure.self) {
            try DemonstrationSplit(self.demonstrations(prompts: 4), heldOut: 10, seed: 0)
        }
    }
}
