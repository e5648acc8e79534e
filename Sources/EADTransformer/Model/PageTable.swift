import CEADKernels
import EADCore
import EADEngine

/// The pages of one sequence, in order of position; pages of a prefix may be shared with other sequences.
final class PageTable {
    private let pages: KeyValuePages
    private let capacity: Int
    let pointer: UnsafeMutablePointer<KeyValuePages.Page?>
    private(set) var count = 0

    /// Room for so many positions; pages come with `extend`.
    init(_ pages: KeyValuePages, positions: Int) {
        self.pages = pages
        self.capacity = (positions + KeyValuePages.positions - 1) / KeyValuePages.positions
        self.pointer = .allocate(capacity: max(self.capacity, 1))
    }

    /// A sequence that continues the first `length` positions of another: full pages shared, the last partial one
    /// copied.
    convenience init(continuing prefix: PageTable, length: Int, positions: Int) throws(EngineError) {
        self.init(prefix.pages, positions: positions)
        let full = length / KeyValuePages.positions
        for index in 0..<full {
            guard let page = prefix.pointer[index] else { preconditionFailure("the prefix has its pages") }
            self.pages.retain(page)
            self.pointer[index] = page
            self.count += 1
        }
        guard length % KeyValuePages.positions != 0, let partial = prefix.pointer[full] else { return }
        let copy = try self.pages.allocate()
        copy.update(from: partial, count: self.pages.pageBytes)
        self.pointer[full] = copy
        self.count += 1
    }

    deinit {
        for index in 0..<self.count {
            if let page = self.pointer[index] { self.pages.release(page) }
        }
        self.pointer.deallocate()
    }

    /// Makes pages until `positions` have a place.
    func extend(to positions: Int) throws(EngineError) {
        let needed = (positions + KeyValuePages.positions - 1) / KeyValuePages.positions
        precondition(needed <= self.capacity, "the sequence fits its table")
        while self.count < needed {
            self.pointer[self.count] = try self.pages.allocate()
            self.count += 1
        }
    }
}
