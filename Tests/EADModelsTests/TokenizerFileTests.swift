import EADCore
import EADModels
import EADTestKit
import Foundation
import Testing

/// Tokenizers in Hugging Face directories; the ids are those of PyPI's tokenizers (scripts/reference/tokenizers_oracle.py).
@Suite struct TokenizerFileTests {
    /// A text and its tokens.
    private struct Case: Decodable {
        let text: String
        let ids: [TokenID]
        /// With the tokens that stand before any text, where there are some.
        let document: [TokenID]?
    }

    private static let kinds = [
        "gpt2", "smollm", "llama3", "qwen2", "qwen35", "tekken", "o200k", "deepseek", "llama2", "gemma", "metaspace",
    ]

    private static func place(_ name: String) throws -> String {
        try #require(Bundle.module.path(forResource: "Fixtures/tokenizers/\(name)", ofType: nil))
    }

    /// The tokenizer of a directory that says nothing about ends, with token 0 as its end.
    private static func tokenizer(
        _ directory: String, rows: Int = 512, changing change: (inout String) -> Void = { _ in }
    ) throws -> Tokenizer {
        try withTemporaryDirectory { copy in
            var text = try String(contentsOfFile: directory + "/tokenizer.json", encoding: .utf8)
            change(&text)
            try text.write(toFile: copy + "/tokenizer.json", atomically: true, encoding: .utf8)
            try #"{"eos_token_id": [0, 1]}"#.write(
                toFile: copy + "/generation_config.json", atomically: true, encoding: .utf8)
            return try Tokenizer(directory: copy, rows: rows)
        }
    }

    /// - Parameter step: Every how many cases one is looked at.
    private static func check(_ tokenizer: Tokenizer, _ directory: String, step: Int = 1) throws {
        let lines = try String(contentsOfFile: directory + "/cases.jsonl", encoding: .utf8)
            .utf8.split(separator: UInt8(ascii: "\n"))
        var failures = 0
        for index in stride(from: 0, to: lines.count, by: step) {
            let line = lines[index]
            let item = try JSONDecoder().decode(Case.self, from: Data(line))
            let ids = tokenizer.encode(item.text)
            let document = tokenizer.encodeDocument(item.text, marksIn: [0..<item.text.utf8.count])
            // A text that begins with the mark gets no other one.
            let hasBegun = item.document?.first.map { item.ids.first == $0 } ?? false
            let expected = hasBegun ? item.ids : item.document ?? item.ids
            guard ids != item.ids || document != expected else { continue }
            failures += 1
            if failures < 4 { Issue.record("\(item.text.debugDescription): \(ids), not \(item.ids)") }
        }
        #expect(failures == 0)
    }

    @Test(arguments: Self.kinds)
    func everyKindGivesTheTokensOfTheReference(kind: String) throws {
        let place = try Self.place(kind)
        try Self.check(Self.tokenizer(place), place)
    }

    @Test(.enabled(if: !CachedAssets.tokenizers.isEmpty, "\(CachedAssets.tokenizerAdvice)"))
    func realVocabulariesGiveTheTokensOfTheReference() throws {
        // All of them take minutes without optimisation.
        let step = ProcessInfo.processInfo.environment["EAD_EVERY_CASE"] == nil ? 100 : 1
        for place in CachedAssets.tokenizers {
            try Self.check(Self.tokenizer(place, rows: 300_000), place, step: step)
        }
    }

    /// A text without spaces is one word, whose merges must not take the square of its length.
    @Test(arguments: Self.kinds)
    func aLongTextOfOneCharacterTakesBoundedTime(kind: String) throws {
        let tokenizer = try Self.tokenizer(Self.place(kind))
        for character in ["e", " ", "\n", "1", "<", "中", "\u{301}"] {
            let text = String(repeating: character, count: (1 << 16) / character.utf8.count)
            let time = ContinuousClock().measure { #expect(!tokenizer.encode(text).isEmpty) }
            #expect(time < .seconds(30), "\(character.debugDescription): \(time)")
        }
    }

    @Test(arguments: Self.kinds)
    func textComesBackInItsNormalForm(kind: String) throws {
        let tokenizer = try Self.tokenizer(Self.place(kind))
        for text in ["They've 345 naïve trees,\r\n  x = 3", "東京 и Москва 😀", "cafe\u{301}"] {
            let normal = kind.hasPrefix("qwen") ? text.precomposedStringWithCanonicalMapping : text
            // The space that these put before a text stays.
            let beginning = ["llama2", "metaspace"].contains(kind) ? " " : ""
            #expect(tokenizer.decode(tokenizer.encode(text)).utf8.elementsEqual((beginning + normal).utf8))
        }
    }

    @Test func idsWithoutATokenStandForNothing() throws {
        let tokenizer = try Self.tokenizer(Self.place("gpt2"))
        #expect(tokenizer.count == 512)
        #expect(tokenizer.bytes(of: 511) == [])
        #expect(tokenizer.decode([511]) == "")
    }

    @Test func namesOfSpecialTokensAreTextOutsideOfMarks() throws {
        let tokenizer = try Self.tokenizer(Self.place("qwen2"))
        let end = try #require(tokenizer.controlToken(named: "<|end|>"))
        let text = "<|end|> cafe\u{301} <|end|> plain"
        let second = text.utf8.count - "<|end|> plain".utf8.count
        let tokens = tokenizer.encode(text, marksIn: [second..<text.utf8.count])
        #expect(tokens.count { $0 == end } == 1)
        #expect(tokenizer.decode(tokens, special: false) == "<|end|> café  plain")
        // One that is not special belongs to the text wherever it stands.
        #expect(!tokenizer.isControl(try #require(tokens.last)))
        #expect(tokenizer.decode([try #require(tokens.last)]) == "plain")
    }

    @Test func theBeginningIsNotPutBeforeATextThatHasIt() throws {
        let tokenizer = try Self.tokenizer(Self.place("llama3"))
        let begin = try #require(tokenizer.controlToken(named: "<begin>"))
        let text = "<begin>the"
        #expect(tokenizer.encodeDocument(text, marksIn: [0..<7]).count { $0 == begin } == 1)
        #expect(tokenizer.encodeDocument(text, marksIn: []).first == begin)
        #expect(tokenizer.encodeDocument("the", marksIn: []).first == begin)
    }

    @Test func everyEndOfTheSettingsEndsAResponse() throws {
        #expect(try Self.tokenizer(Self.place("gpt2")).ends == [0, 1])
    }

    /// What is changed in a file, and what the message must say.
    @Test(arguments: [
        (#""type":"BPE""#, #""type":"Unigram""#, #"model.type is "Unigram""#),
        (#""dropout":null"#, #""dropout":0.1"#, "model.dropout is 0.1"),
        (#""truncation":null"#, #""truncation":{"max_length":8}"#, "truncation is an object of 1"),
        (#""end_of_word_suffix":null"#, #""end_of_word_suffix":"</w>""#, #"model.end_of_word_suffix is "</w>""#),
        (#"{"type":"NFC"}"#, #"{"type":"NFKC"}"#, #"normalizer.type is "NFKC""#),
        (#"\\p{N}|"#, #"\\p{N}{1,2}|"#, "pre_tokenizer.pretokenizers[0].pattern.Regex is \"(?i:'s|"),
        (#""behavior":"Isolated""#, #""behavior":"Removed""#, #"behavior is "Removed""#),
        (
            #""add_prefix_space":false,"trim_offsets":true,"use_regex":false"#, #""add_prefix_space":true"#,
            "add_prefix_space"
        ),
        (
            #""special":true,"lstrip":false,"rstrip":false,"single_word":false,"normalized":false"#,
            #""special":true,"normalized":true"#, "is special and normalized"
        ),
    ])
    func whatIsNotImplementedIsRefusedByNameAndValue(old: String, new: String, message: String) throws {
        let error = try #require(throws: ModelFileError.self) {
            try Self.tokenizer(Self.place("qwen2")) { text in
                text = text.replacing(": ", with: ":").replacing(", ", with: ",")
                #expect(text.contains(old))
                text = text.replacing(old, with: new)
            }
        }
        #expect(error.code == .unsupported)
        #expect(error.message.contains(message), "\(error.message)")
    }

    @Test func aTokenBeyondTheEmbeddingIsRefused() throws {
        let error = try #require(throws: ModelFileError.self) {
            try Self.tokenizer(Self.place("qwen2"), rows: 382)
        }
        #expect(error.message.contains("has the number 382, and the model has 382 rows of embeddings"))
    }

    @Test func damagedFilesAreRefused() throws {
        for (old, new) in [("\"merges\": [", "\"merges\": [[\"q\", \"zz\"],"), ("{", "["), ("\"vocab\"", "\"words\"")] {
            let error = try #require(throws: ModelFileError.self) {
                try Self.tokenizer(Self.place("qwen2")) { text in
                    text = text.replacing(old, with: new, maxReplacements: 1)
                }
            }
            #expect(error.code == .malformed)
        }
    }
}
