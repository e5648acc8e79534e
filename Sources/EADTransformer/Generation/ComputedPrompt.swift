/// A prompt whose keys and values are computed, kept for the samples that start from it.
final class ComputedPrompt {
    let pages: PageTable
    /// The place of its last position after the final norm, which every response's first token is drawn from.
    let row: Int
    private let rows: PromptRows

    init(_ pages: PageTable, rows: PromptRows) {
        self.pages = pages
        self.row = rows.take()
        self.rows = rows
    }

    deinit { self.rows.giveBack(self.row) }
}
