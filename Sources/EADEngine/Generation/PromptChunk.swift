/// A part of a prompt that is computed in one pass.
package struct PromptChunk: Hashable, Sendable {
    /// The prompt's place among those computed together.
    package let prompt: Int
    package let range: Range<Int>
    /// The first row of the pass that it takes.
    package let row: Int

    /// Cuts prompts into passes of at most `rows` rows, each pass going on where the one before ended.
    package static func passes(promptLengths: [Int], rows: Int) -> [[PromptChunk]] {
        precondition(rows >= 1, "a pass has rows")
        var passes: [[PromptChunk]] = []
        var begin = Array(repeating: 0, count: promptLengths.count)
        while zip(begin, promptLengths).contains(where: { $0 < $1 }) {
            var chunks: [PromptChunk] = []
            var row = 0
            for (prompt, length) in promptLengths.enumerated() {
                let count = min(length - begin[prompt], rows - row)
                guard count > 0 else { continue }
                chunks.append(PromptChunk(prompt: prompt, range: begin[prompt]..<begin[prompt] + count, row: row))
                begin[prompt] += count
                row += count
            }
            passes.append(chunks)
        }
        return passes
    }
}
