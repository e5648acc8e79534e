/// Names in a tree by their bytes: which of them begin at a place of a text is found in one walk.
struct NameTrie: Sendable {
    private struct Node {
        let byte: UInt8
        /// The number of the name that ends here, -1 without one.
        var name = -1
        var firstChild = -1
        var sibling = -1
    }

    private var nodes = [Node(byte: 0)]
    /// `[256]`: the child of the root for each byte, -1 without one.
    private var roots = [Int](repeating: -1, count: 256)

    var isEmpty: Bool { self.nodes.count == 1 }

    /// Of two equal names the first inserted stays.
    mutating func insert(_ name: [UInt8], number: Int) {
        var node = 0
        for byte in name { node = self.child(of: node, byte) ?? self.addChild(to: node, byte) }
        if node > 0, self.nodes[node].name < 0 { self.nodes[node].name = number }
    }

    private func child(of node: Int, _ byte: UInt8) -> Int? {
        var child = node == 0 ? self.roots[Int(byte)] : self.nodes[node].firstChild
        while child >= 0, self.nodes[child].byte != byte { child = self.nodes[child].sibling }
        return child >= 0 ? child : nil
    }

    private mutating func addChild(to node: Int, _ byte: UInt8) -> Int {
        let child = self.nodes.count
        self.nodes.append(Node(byte: byte))
        if node == 0 {
            self.roots[Int(byte)] = child
        } else {
            self.nodes[child].sibling = self.nodes[node].firstChild
            self.nodes[node].firstChild = child
        }
        return child
    }

    /// The longest name that begins at `start`, ends by `end`, and is accepted.
    func longest(
        in utf8: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, where accepts: (Int, Range<Int>) -> Bool
    ) -> (number: Int, range: Range<Int>)? {
        var node = self.roots[Int(utf8[start])]
        var position = start + 1
        var found: (number: Int, range: Range<Int>)?
        while node >= 0 {
            let name = self.nodes[node].name
            if name >= 0, accepts(name, start..<position) { found = (name, start..<position) }
            guard position < end, let child = self.child(of: node, utf8[position]) else { break }
            node = child
            position += 1
        }
        return found
    }
}
