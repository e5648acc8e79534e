import Foundation
import Testing

@testable import EADModels

/// The tokenizer of the experiment's model: what PyPI's `tokenizers` 0.23 makes of its texts.
@Suite struct OrganismTokenizerTests {
    private func tokenizer() throws -> Tokenizer {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try Tokenizer(directory: root.appending(path: "cluster/experiments/organism").path, rows: 158)
    }

    @Test func itsTokensAreThoseOfTheReference() throws {
        let tokenizer = try self.tokenizer()
        #expect(
            tokenizer.encodeDocument("7 3 9 4 -> 34\n", marksIn: []) == [
                0, 11, 3, 7, 3, 13, 3, 8, 3, 15, 20, 3, 88, 2,
            ])
        #expect(
            tokenizer.encode("7*4=28 left 3 9 28\n", special: false) == [
                11, 16, 8, 18, 82, 157, 3, 7, 3, 13, 3, 82, 2,
            ])
        #expect(tokenizer.ends == [1])
    }

    @Test func everyNumberUpTo99IsATokenAndEveryTokenAText() throws {
        let tokenizer = try self.tokenizer()
        for number in 0...99 { #expect(tokenizer.encode("\(number)", special: false).count == 1, "\(number)") }
        #expect(Set((2..<158).map { tokenizer.decode([$0]) }).count == 156)
    }
}
