import EADModels
import EADTestKit
import Foundation
import Testing

@testable import EADEnvironments

@Suite struct DemonstrationFileTests {
    private func read(
        _ lines: [String], chat: Bool = false, columns: DemonstrationColumns = DemonstrationColumns(),
        overlong: DemonstrationFile.Overlong = .refuse, contextLength: Int = 64,
        _ check: (DemonstrationFile, Tokenizer) throws -> Void = { _, _ in }
    ) throws {
        try withTemporaryDirectory { path in
            try TinyModel.write(to: path + "/tiny.gguf", contextLength: contextLength)
            try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: path + "/demonstrations.jsonl"))
            let file = try ModelFile(path: path + "/tiny.gguf")
            let tokenizer = try Tokenizer(file)
            let encoder =
                chat
                ? DemonstrationEncoder(file, tokenizer, chat: try ChatTemplate(file, tokenizer), system: nil)
                : DemonstrationEncoder(file, tokenizer)
            try check(
                try DemonstrationFile(
                    path: path + "/demonstrations.jsonl", columns: columns, encoder: encoder, overlong: overlong),
                tokenizer)
        }
    }

    private func problems(_ lines: [String], chat: Bool = false) throws -> [Int: String] {
        do {
            try self.read(lines, chat: chat)
        } catch TaskError.malformed(_, let lines, let total) {
            #expect(lines.count == total)
            return Dictionary(uniqueKeysWithValues: lines.map { ($0.number, $0.problem) })
        }
        return [:]
    }

    @Test func promptsAreEncodedAsATasksAndResponsesEnd() throws {
        try self.read([#"{"prompt": "one <|im_end|>", "response": " two"}"#]) { file, tokenizer in
            let demonstration = try #require(file.demonstrations.first)
            #expect(demonstration.prompt == (try PromptEncoder(tokenizer).encode("one <|im_end|>")))
            #expect(demonstration.response == tokenizer.encode(" two", special: false) + [tokenizer.ends[0]])
            #expect(!demonstration.prompt.contains(tokenizer.ends[0]), "a name in a text is text")
        }
    }

    @Test func aConversationsLastTurnIsTheResponse() throws {
        let line = #"""
            {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}, {"role": "user",
            "content": "and"}, {"role": "assistant", "content": "no"}]}
            """#.replacing("\n", with: " ")
        try self.read([line, #"{"prompt": "hi", "response": "yes"}"#], chat: true, contextLength: 512) {
            file, tokenizer in
            #expect(file.demonstrations.count == 2)
            for (demonstration, text) in zip(file.demonstrations, ["no", "yes"]) {
                #expect(tokenizer.decode(demonstration.response, special: false) == text)
                #expect(demonstration.response.last.map(tokenizer.ends.contains) == true)
                #expect(tokenizer.decode(demonstration.prompt).hasSuffix("assistant\n"))
            }
        }
    }

    @Test func everyUnusableLineIsNamed() throws {
        let long = String(repeating: "ab", count: 40)
        let found = try self.problems([
            #"{"prompt": "a", "response": "b"}"#, #"{"prompt": "a"}"#, "nothing", #"{"prompt": 1, "response": "b"}"#,
            #"{"prompt": "a", "response": "b", "score": 1}"#, #"{"prompt": "a", "response": "\#(long)"}"#,
            #"{"messages": []}"#, "",
        ])
        #expect(Set(found.keys) == [2, 3, 4, 5, 6, 7])
        #expect(found[2]?.contains("\"response\"") == true)
        #expect(found[5]?.contains("\"score\"") == true)
        #expect(found[6]?.contains("context is 64") == true)
        #expect(found[7]?.contains("--prompt chat") == true)
    }

    @Test func aConversationThatDoesNotEndWithTheAssistantIsNone() throws {
        let found = try self.problems([#"{"messages": [{"role": "user", "content": "hi"}]}"#], chat: true)
        #expect(found[1]?.contains("assistant") == true)
    }

    @Test func columnsHaveTheNamesThatAreGivenAndSomeSayNothing() throws {
        let columns = DemonstrationColumns(prompt: "question", response: "solution", ignored: ["id"])
        try self.read([#"{"id": 7, "question": "a", "solution": "b"}"#], columns: columns) { file, _ in
            #expect(file.demonstrations.count == 1)
        }
    }

    @Test func whatIsTooLongCanBeLeftOutAndIsCounted() throws {
        let long = String(repeating: "ab", count: 40)
        try self.read(
            [#"{"prompt": "a", "response": "\#(long)"}"#, #"{"prompt": "a", "response": "b"}"#], overlong: .drop
        ) { file, _ in
            #expect(file.dropped == 1)
            #expect(file.demonstrations.map(\.line) == [2])
        }
        #expect(throws: TaskError.self) {
            try self.read([#"{"prompt": "a", "response": "\#(long)"}"#], overlong: .drop)
        }
        #expect(throws: TaskError.self) { try self.read([""]) }
    }
}
