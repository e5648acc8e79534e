import EADEnvironments
import Testing

struct TaskConfigurationTests {
    @Test func defaultsDependOnTheKind() {
        let words = TaskConfiguration(kind: .asdivEasy, path: "asdiv.jsonl", heldOut: 74)
        #expect(words.verifier == .equation && words.stopStrings == ["\n"])
        let mine = TaskConfiguration(kind: .jsonl, path: "a", seed: 9, heldOut: 1, verifier: .equation)
        #expect(mine.verifier == .equation && mine.stopStrings.isEmpty)
        #expect(TaskConfiguration(kind: .add2, heldOut: 0).verifier == .number)
    }
}
