import EADCore

/// Merges the symbols of one long word: a linked list of symbols and a binary heap of pairs.
struct LongWordMerger {
    private struct Symbol {
        var token: TokenID
        var previous: Int
        var next: Int
    }

    /// Ordered by rank, then from left to right.
    private struct Pair: Comparable {
        let rank: UInt32
        let left: Int
        let leftToken: TokenID
        let rightToken: TokenID
        let merged: TokenID

        static func < (lhs: Pair, rhs: Pair) -> Bool { (lhs.rank, lhs.left) < (rhs.rank, rhs.left) }
    }

    private let pairs: BytePairs
    /// A merged symbol takes the place of its left part; the right part gets the token `BytePairs.none`.
    private var symbols: [Symbol]
    private var heap: [Pair] = []

    init(_ tokens: [TokenID], _ pairs: BytePairs) {
        self.pairs = pairs
        self.symbols = tokens.indices.map { index in
            Symbol(token: tokens[index], previous: index - 1, next: index + 1 < tokens.count ? index + 1 : -1)
        }
    }

    mutating func run() {
        for index in self.symbols.indices { self.consider(index) }
        while let pair = self.pop() {
            let left = self.symbols[pair.left]
            // A pair is stale once either part has merged with another.
            guard left.token == pair.leftToken, left.next >= 0,
                self.symbols[left.next].token == pair.rightToken
            else { continue }
            let after = self.symbols[left.next].next
            self.symbols[left.next].token = BytePairs.none
            self.symbols[pair.left].token = pair.merged
            self.symbols[pair.left].next = after
            if after >= 0 { self.symbols[after].previous = pair.left }
            if left.previous >= 0 { self.consider(left.previous) }
            self.consider(pair.left)
        }
    }

    func collect(into tokens: inout [TokenID]) {
        var index = 0
        while index >= 0 {
            tokens.append(self.symbols[index].token)
            index = self.symbols[index].next
        }
    }

    /// Puts the pair that begins at `left` on the heap if it merges.
    private mutating func consider(_ left: Int) {
        let symbol = self.symbols[left]
        guard symbol.next >= 0 else { return }
        let right = self.symbols[symbol.next].token
        let (rank, merged) = self.pairs.lookup(symbol.token, right)
        guard rank != BytePairs.none else { return }
        self.push(Pair(rank: rank, left: left, leftToken: symbol.token, rightToken: right, merged: merged))
    }

    private mutating func push(_ pair: Pair) {
        var child = self.heap.count
        self.heap.append(pair)
        while child > 0, self.heap[child] < self.heap[(child - 1) / 2] {
            self.heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func pop() -> Pair? {
        guard let top = self.heap.first else { return nil }
        let last = self.heap.removeLast()
        guard !self.heap.isEmpty else { return top }
        self.heap[0] = last
        var parent = 0
        while 2 * parent + 1 < self.heap.count {
            var child = 2 * parent + 1
            if child + 1 < self.heap.count, self.heap[child + 1] < self.heap[child] { child += 1 }
            guard self.heap[child] < self.heap[parent] else { break }
            self.heap.swapAt(child, parent)
            parent = child
        }
        return top
    }
}
