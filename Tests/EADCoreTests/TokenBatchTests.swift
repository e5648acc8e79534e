import EADCore
import EADTestKit
import Testing

@Suite struct TokenBatchTests {
    private static func batch() -> TokenBatch {
        var batch = TokenBatch()
        batch.append(promptTokens: [1, 2], responses: [.filled([3]), .filled([4, 5, 6])])
        batch.append(promptTokens: [7], responses: [.filled([8, 9])])
        batch.append(promptTokens: [1, 2, 3], responses: [.filled([3, 3]), .filled([4])])
        batch.advantages = [1, -1, 0.5, 2, -2]
        batch.isSelected = (0..<9).map { $0.isMultiple(of: 2) }
        return batch
    }

    @Test func everythingIsInTheOrderOfItsTokens() {
        let batch = Self.batch()
        #expect(batch.promptTokens == [1, 2, 7, 1, 2, 3] && batch.prompts == [0..<2, 2..<3, 3..<6])
        #expect(batch.groups == [0..<2, 2..<3, 3..<5])
        #expect(batch.responses == [0..<1, 1..<4, 4..<6, 6..<8, 8..<9] && batch.count == 9)
        #expect(batch.trace.tokens == [3, 4, 5, 6, 8, 9, 3, 3, 4] && batch.trace.fault() == nil)
        #expect(batch.trace[1..<4] == .filled([4, 5, 6]))
        #expect(batch.groups.indices.map(batch.tokens) == [0..<4, 4..<6, 6..<9])
        // Of a response all tokens but the last are computed.
        #expect(batch.groups.indices.map(batch.rows) == [2 + 0 + 2, 1 + 1, 3 + 1 + 0])
    }

    @Test func someOfTheGroupsAreABatch() {
        let batch = Self.batch()
        #expect(batch.taking(0..<3) == batch)
        let rest = batch.taking([2, 0])
        #expect(rest.promptTokens == [1, 2, 3, 1, 2] && rest.groups == [0..<2, 2..<4])
        #expect(rest.trace.tokens == [3, 3, 4, 3, 4, 5, 6] && rest.trace[4..<7] == .filled([4, 5, 6]))
        #expect(rest.advantages == [2, -2, 1, -1])
        #expect(rest.isSelected == [true, false, true, true, false, true, false])
        #expect(batch.taking([]) == TokenBatch())
    }

    @Test func aBatchHasTheTracesOfItsGroups() {
        let group = RolloutGroup(
            id: GroupID(step: GlobalStep(0), slot: 0), attempt: 1, policyVersion: PolicyVersion(0), problem: 0,
            promptTokens: [7],
            rollouts: [Rollout(trace: .filled([8, 9]), finish: .length, verdict: nil)])
        var expected = TokenBatch()
        expected.append(promptTokens: [7], responses: [.filled([8, 9])])
        #expect(TokenBatch([group]) == expected)
    }
}
