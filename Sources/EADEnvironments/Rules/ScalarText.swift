/// Text as Unicode scalars, which is what the published rules call characters; every operation is linear.
struct ScalarText: Hashable, Sendable {
    private(set) var scalars: [Unicode.Scalar]

    init(_ scalars: some Sequence<Unicode.Scalar>) { self.scalars = Array(scalars) }

    init(_ text: String) { self.init(text.unicodeScalars) }

    var string: String { String(String.UnicodeScalarView(self.scalars)) }
    var count: Int { self.scalars.count }
    var isEmpty: Bool { self.scalars.isEmpty }

    subscript(range: Range<Int>) -> ScalarText { ScalarText(self.scalars[range]) }

    func suffix(_ count: Int) -> ScalarText { ScalarText(self.scalars.suffix(count)) }

    /// Whether `part` stands at `index`.
    func has(_ part: [Unicode.Scalar], at index: Int) -> Bool {
        guard index + part.count <= self.scalars.count else { return false }
        for offset in part.indices where self.scalars[index + offset] != part[offset] { return false }
        return true
    }

    /// Where the first `part` at or after `start` begins.
    func first(_ part: String, from start: Int = 0) -> Int? {
        let part = Array(part.unicodeScalars)
        var index = start
        while index + part.count <= self.scalars.count {
            if self.has(part, at: index) { return index }
            index += 1
        }
        return nil
    }

    /// Where the last `part` begins.
    func last(_ part: String) -> Int? {
        let part = Array(part.unicodeScalars)
        return stride(from: self.scalars.count - part.count, through: 0, by: -1).first { self.has(part, at: $0) }
    }

    /// The pieces between the occurrences of `part`, taken from the left without overlap; at least one.
    func split(_ part: String) -> [ScalarText] {
        let part = Array(part.unicodeScalars)
        var pieces: [ScalarText] = []
        var start = 0
        var index = 0
        while index + part.count <= self.scalars.count {
            if self.has(part, at: index) {
                pieces.append(self[start..<index])
                index += part.count
                start = index
            } else {
                index += 1
            }
        }
        pieces.append(self[start..<self.scalars.count])
        return pieces
    }

    /// Replaces every occurrence, taken from the left without overlap.
    mutating func replace(_ part: String, with replacement: String = "") {
        let pieces = self.split(part)
        guard pieces.count > 1 else { return }
        self = pieces.dropFirst().reduce(into: pieces[0]) { text, piece in
            text.append(replacement)
            text.append(piece)
        }
    }

    /// The text without white space at its ends.
    var trimmed: ScalarText {
        guard let first = self.scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = self.scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return ScalarText("") }
        return self[first..<(last + 1)]
    }

    mutating func append(_ text: String) { self.scalars += text.unicodeScalars }

    mutating func append(_ text: ScalarText) { self.scalars += text.scalars }

    mutating func append(_ scalar: Unicode.Scalar) { self.scalars.append(scalar) }

    /// What the braces from `start` on enclose, with them; nil if they do not close.
    func closedBraces(from start: Int) -> Range<Int>? {
        var depth = 0
        for index in start..<self.scalars.count {
            if self.scalars[index] == "{" { depth += 1 }
            guard self.scalars[index] == "}" else { continue }
            depth -= 1
            if depth == 0 { return start..<(index + 1) }
        }
        return nil
    }
}
