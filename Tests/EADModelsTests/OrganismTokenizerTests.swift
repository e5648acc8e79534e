import Foundation
import Testing

@testable import EADModels

/// The tokenizer of the experiment's model: what PyPI's `tokenizers` 0.23 makes of its texts.
@Suite struct OrganismTokenizerTests {
    private func tokenizer() throws -> Tokenizer {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try Tokenizer(directory: root.appending(path: "cluster/experiments/organism").path, rows: 64)
    }

    @Test func itsTokensAreThoseOfTheReference() throws {
        let tokenizer = try self.tokenizer()
        #expect(
            tokenizer.encodeDocument("7 3 9 4 -> 34\n", marksIn: []) == [
                0, 11, 3, 7, 3, 13, 3, 8, 3, 15, 20, 3, 7, 8, 2,
            ])
        #expect(
            tokenizer.encode("7*4=28 left 3 9 28\n", special: false) == [
                11, 16, 8, 18, 6, 12, 3, 49, 42, 43, 57, 3, 7, 3, 13, 3, 6, 12, 2,
            ])
        #expect(tokenizer.ends == [1])
    }

    @Test func everyTokenButTheMarksIsACharacterOfItsOwn() throws {
        let tokenizer = try self.tokenizer()
        let texts = (2..<64).map { tokenizer.decode([$0]) }
        #expect(texts.allSatisfy { $0.count == 1 } && Set(texts).count == 62)
    }
}
