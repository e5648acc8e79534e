import EADEngine

/// The pages of one sequence, in order of position; pages of a prefix may be shared with other sequences.
final class PageTable {
    private(set) var entries: [KeyValuePages.Page] = []
    private let pages: KeyValuePages

    /// A sequence without positions; its pages come with `extend`.
    init(_ pages: KeyValuePages) {
        self.pages = pages
    }

    /// A sequence that continues the first `length` positions of another: full pages shared, the last partial one
    /// copied.
    convenience init(continuing prefix: PageTable, length: Int) throws(EngineError) {
        self.init(prefix.pages)
        let full = length / KeyValuePages.positions
        precondition(
            prefix.entries.count * KeyValuePages.positions >= length, "the prefix has pages for all of its positions")
        for page in prefix.entries[..<full] {
            self.pages.retain(page)
            self.entries.append(page)
        }
        guard length % KeyValuePages.positions != 0 else { return }
        self.entries.append(try self.pages.copy(prefix.entries[full]))
    }

    deinit {
        for page in self.entries { self.pages.release(page) }
    }

    /// Makes pages until `positions` have a place.
    func extend(to positions: Int) throws(EngineError) {
        while self.entries.count * KeyValuePages.positions < positions {
            self.entries.append(try self.pages.allocate())
        }
    }
}
