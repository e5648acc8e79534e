import EADCore
import EADEnvironments
import Foundation
import Testing

struct TaskConfigurationTests {
    @Test func defaultsDependOnTheKind() throws {
        func decode(_ text: String) throws -> TaskConfiguration {
            try JSONDecoder().decode(TaskConfiguration.self, from: Data(text.utf8))
        }
        let words = try decode("{\"kind\": \"asdiv-easy\", \"path\": \"asdiv.jsonl\", \"heldOut\": 74}")
        #expect(words == TaskConfiguration(kind: .asdivEasy, path: "asdiv.jsonl", heldOut: 74, verifier: .equation))
        #expect(words.stopStrings == ["\n"])
        let mine = try decode(
            "{\"kind\": \"jsonl\", \"path\": \"a\", \"heldOut\": 1, \"seed\": 9, \"verifier\": \"equation\"}")
        #expect(mine == TaskConfiguration(kind: .jsonl, path: "a", seed: 9, heldOut: 1, verifier: .equation))
        #expect(mine.stopStrings.isEmpty)
        #expect(try decode("{\"kind\": \"add2\", \"heldOut\": 0}").verifier == .number)
        let again = try JSONDecoder().decode(TaskConfiguration.self, from: JSONEncoder().encode(mine))
        #expect(again == mine)
        #expect(throws: DecodingError.self) { try decode("{\"kind\": \"sums\", \"heldOut\": 0}") }
    }

    @Test func everyImpossibleSettingIsReported() {
        func fields(_ configuration: TaskConfiguration) -> [String] { configuration.problems().map(\.field) }
        #expect(fields(TaskConfiguration(kind: .add2, heldOut: 10)).isEmpty)
        #expect(
            fields(TaskConfiguration(kind: .add2, path: "x", heldOut: -1, template: "{prompt}"))
                == ["path", "heldOut", "template"])
        #expect(fields(TaskConfiguration(kind: .asdivEasy, heldOut: 1)) == ["path"])
        #expect(
            fields(TaskConfiguration(kind: .jsonl, path: "", heldOut: 1, template: "none")) == ["path", "template"])
        #expect(
            fields(TaskConfiguration(kind: .jsonl, path: "a", heldOut: 1, template: "{prompt}{prompt}")) == ["template"]
        )
        #expect(fields(TaskConfiguration(kind: .jsonl, path: "a", heldOut: 1, template: "Q {prompt} A")).isEmpty)
        #expect(fields(TaskConfiguration(kind: .add2, heldOut: 1, verifier: .command)) == ["command"])
        #expect(fields(TaskConfiguration(kind: .add2, heldOut: 1, verifier: .command, command: [""])) == ["command"])
        #expect(fields(TaskConfiguration(kind: .add2, heldOut: 1, verifier: .exact, command: ["a"])) == ["command"])
        #expect(
            fields(
                TaskConfiguration(
                    kind: .add2, heldOut: 1, verifier: .command, command: ["a", "\0"], commandTimeout: .zero))
                == ["command", "commandTimeout"])
        #expect(fields(TaskConfiguration(kind: .add2, heldOut: 1, verifier: .command, command: ["a", ""])).isEmpty)
    }
}
