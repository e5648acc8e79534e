import EADCore
import EADModels
import EADTestKit
import Foundation
import Testing

/// A text and the tokens that Hugging Face's `tokenizers` and llama.cpp both give for it with SmolLM2's vocabulary.
struct GoldenTokens: Decodable {
    let text: String
    let ids: [TokenID]

    static func all() throws -> [GoldenTokens] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/tokens", withExtension: "jsonl"))
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { line in
            try JSONDecoder().decode(GoldenTokens.self, from: Data(line.utf8))
        }
    }
}

@Suite struct TokenizerTests {
    private let tiny: Tokenizer
    private let vocabulary: TinyVocabulary
    private let file: ModelFile

    init() throws {
        (self.file, self.vocabulary) = try withTemporaryDirectory { directory in
            let model = try TinyModel.write(to: directory + "/model.gguf", layers: 1)
            return (try ModelFile(path: directory + "/model.gguf"), model.vocabulary)
        }
        self.tiny = try Tokenizer(self.file)
    }

    @Test(.enabled(if: CachedAssets.model != nil, "\(CachedAssets.advice)"))
    func everyGoldenTextHasTheReferenceTokensAndComesBack() throws {
        let tokenizer = try Tokenizer(ModelFile(path: try #require(CachedAssets.model)))
        let golden = try GoldenTokens.all()
        #expect(golden.count == 120)
        for entry in golden {
            #expect(tokenizer.encode(entry.text) == entry.ids, "\(entry.text.debugDescription)")
            #expect(tokenizer.decode(entry.ids) == entry.text)
        }
        #expect(tokenizer.count == 49152)
        #expect(tokenizer.ends == [0, 2])
    }

    @Test(.enabled(if: CachedAssets.model != nil, "\(CachedAssets.advice)"))
    func aConversationIsWrittenAsTheModelWasTrained() throws {
        let file = try ModelFile(path: try #require(CachedAssets.model))
        let tokenizer = try Tokenizer(file)
        let chat = try ChatTemplate(file, tokenizer)
        let tokens = try chat.encode([.init(.user, "What is 3 + 5?")])
        // The first prompt of logits.json, rendered and tokenized by transformers.
        let golden: [TokenID] = [
            1, 9690, 198, 2683, 359, 253, 5356, 5646, 11173, 3365, 3511, 308, 34519, 28, 7018, 411, 407, 19712, 8182, 2,
            198, 1, 4093, 198, 1780, 314, 216, 35, 1232, 216, 37, 47, 2, 198, 1, 520, 9531, 198,
        ]
        #expect(tokens == golden)
    }

    @Test func wordsAreCutAtNumbersContractionsAndSpaces() {
        let merged = { (text: String) in self.tiny.encode(text).map { self.tiny.decode([$0]) } }
        #expect(merged(" the  the") == [" the", " ", " the"])
        #expect(merged("the\n the") == ["t", "he", "\n", " the"])
        #expect(merged(" and and") == [" and", " and"])
        // A space before a number character is never part of its word.
        #expect(merged("12 = 3") == ["1", "2", " =", " ", "3"])
        #expect(merged("an'san'sn") == ["an", "'", "s", "an", "'", "s", "n"])
        #expect(merged("answer") == ["answer"])
    }

    @Test func controlTokensAreRecognisedOnlyWhenAsked() {
        #expect(self.tiny.encode("<|im_start|>the<|im_end|>") == [1] + self.tiny.encode("the") + [2])
        let plain = self.tiny.encode("<|im_end|>", special: false)
        #expect(!plain.contains { self.tiny.isControl($0) })
        #expect(self.tiny.decode(plain) == "<|im_end|>")
        #expect(self.tiny.decode([1, 2], special: false) == "")
        #expect(self.tiny.controlToken(named: "<|im_end|>") == 2)
        #expect(self.tiny.controlToken(named: "the") == nil)
    }

    @Test func namesOfControlTokensInAMessageAreText() throws {
        let chat = try ChatTemplate(self.file, self.tiny)
        let tokens = try chat.encode([.init(.system, "the"), .init(.user, "<|im_end|>")], reply: false)
        #expect(tokens.count { $0 == 1 } == 2)
        #expect(tokens.count { $0 == 2 } == 2)
        #expect(
            self.tiny.decode(tokens)
                == "<|im_start|>system\nthe<|im_end|>\n<|im_start|>user\n<|im_end|><|im_end|>\n")
    }

    @Test func bytesThatAreNotTextAreRepairedInDecoding() {
        let tokens = self.tiny.encode("é")
        #expect(tokens.count == 2)
        #expect(self.tiny.bytes(of: tokens[0]) == [0xC3])
        #expect(self.tiny.decode([tokens[0]]) == "\u{FFFD}")
        #expect(self.tiny.decode(tokens) == "é")
    }

    @Test func longAndShortWordsMergeAsTheDefinitionSays() {
        var random = SplitMix64(seed: 3)
        let letters = Array("theanswrdio")
        for round in 0..<300 {
            let length = round < 250 ? Int.random(in: 1...60, using: &random) : Int.random(in: 60...400, using: &random)
            let text = String((0..<length).map { _ in letters.randomElement(using: &random) ?? "t" })
            #expect(self.tiny.encode(text).map { self.tiny.decode([$0]) } == self.definition(text), "\(text)")
        }
    }

    /// Byte-pair encoding as defined: again and again the leftmost pair of lowest rank.
    private func definition(_ word: String) -> [String] {
        var symbols = word.map { String($0) }
        let ranks = Dictionary(uniqueKeysWithValues: zip(self.vocabulary.merges, 0...))
        while true {
            let pairs = zip(symbols, symbols.dropFirst()).map { ranks["\($0) \($1)"] ?? Int.max }
            guard let lowest = pairs.min(), lowest < Int.max, let place = pairs.firstIndex(of: lowest) else {
                return symbols
            }
            symbols[place] += symbols.remove(at: place + 1)
        }
    }

    @Test func anyTextComesBackFromItsTokens() {
        var random = SplitMix64(seed: 4)
        let scalars = (0..<4000).compactMap { _ in
            Unicode.Scalar(UInt32.random(in: 0..<0x3_0000, using: &random))
        }
        for start in stride(from: 0, to: scalars.count - 20, by: 20) {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars[start..<start + 20])
            let string = String(text) + " 12 's\n\n  "
            #expect(Array(self.tiny.decode(self.tiny.encode(string)).utf8) == Array(string.utf8))
        }
    }

    @Test(arguments: [
        "tokenizer.ggml.model", "tokenizer.ggml.pre", "tokenizer.ggml.merges", "tokenizer.ggml.eos_token_id",
    ])
    func aFileWithoutAPartOfTheTokenizerIsRefused(key: String) throws {
        let file = try self.damaged { $0[$0.after(key) - 1] = UInt8(ascii: "X") }
        let error = try #require(throws: ModelFileError.self) { try Tokenizer(file) }
        #expect(error.code == .missingMetadata)
        #expect(error.message.contains(key))
    }

    @Test func aDamagedVocabularyIsRefused() throws {
        let merge = try self.damaged { $0[$0.after("tokenizer.ggml.merges") + 16 + 8] = UInt8(ascii: "q") }
        #expect(try #require(throws: ModelFileError.self) { try Tokenizer(merge) }.code == .malformed)
        let kind = try self.damaged { $0.replace($0.after("tokenizer.ggml.token_type") + 16, with: Int32(9)) }
        #expect(try #require(throws: ModelFileError.self) { try Tokenizer(kind) }.code == .unsupported)
        let model = try self.damaged { $0[$0.after("tokenizer.ggml.pre") + 12] = UInt8(ascii: "S") }
        #expect(try #require(throws: ModelFileError.self) { try Tokenizer(model) }.code == .unsupported)
    }

    @Test func aTemplateWithSomethingThatIsNotImplementedIsRefusedWhenChatIsAsked() throws {
        // The tag `for` becomes another.
        let file = try self.damaged { $0[$0.after("tokenizer.chat_template") + 15] = UInt8(ascii: "x") }
        let tokenizer = try Tokenizer(file)
        let error = try #require(throws: ModelFileError.self) { try ChatTemplate(file, tokenizer) }
        #expect(error.code == .unsupported)
    }

    private func damaged(_ damage: (inout [UInt8]) -> Void) throws -> ModelFile {
        try withTemporaryDirectory { directory in
            var bytes = [UInt8](TinyModel(layers: 1).encoded())
            damage(&bytes)
            try Data(bytes).write(to: URL(fileURLWithPath: directory + "/model.gguf"))
            return try ModelFile(path: directory + "/model.gguf")
        }
    }
}
