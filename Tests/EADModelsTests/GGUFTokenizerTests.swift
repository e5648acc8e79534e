import EADCore
import EADTestKit
import Foundation
import Testing

@testable import EADModels

/// GGUF vocabularies give the tokens of the tokenizer.json that says the same.
@Suite(.enabled(if: !CachedAssets.tokenizers.isEmpty, "\(CachedAssets.tokenizerAdvice)"))
struct GGUFTokenizerTests {
    private struct Case: Decodable {
        let text: String
        let ids: [TokenID]
    }

    private static let names = ["gpt-2", "starcoder", "llama-bpe", "qwen2", "gemma-4", "llama-spm", "phi-3"]

    @Test(arguments: CachedAssets.tokenizers.filter { place in Self.names.contains { place.hasSuffix("/\($0)") } })
    func aRealVocabularyGivesTheTokensOfTheReference(place: String) throws {
        let name = URL(fileURLWithPath: place).lastPathComponent
        let models = URL(fileURLWithPath: place).deletingLastPathComponent().deletingLastPathComponent()
        let file = try MappedFile(path: models.appending(path: "llama.cpp/models/ggml-vocab-\(name).gguf").path)
        let header = try GGUFHeader(file)
        let tokenizer = Tokenizer(try TokenizerParts(GGUFMetadata(file: file, values: header.metadata)))
        let lines = try String(contentsOfFile: place + "/cases.jsonl", encoding: .utf8)
            .utf8.split(separator: UInt8(ascii: "\n"))
        var failures = 0
        for index in stride(from: 0, to: lines.count, by: 100) {
            let item = try JSONDecoder().decode(Case.self, from: Data(lines[index]))
            let ids = tokenizer.encode(item.text)
            guard ids != item.ids else { continue }
            failures += 1
            if failures < 4 { Issue.record("\(item.text.debugDescription): \(ids), not \(item.ids)") }
        }
        #expect(failures == 0)
    }
}
