/// Lines at the end of a terminal that the next text replaces; nothing where that is impossible.
struct LivingText: Sendable {
    private let terminal: Terminal
    private var lines: [String] = []

    init(_ terminal: Terminal) { self.terminal = terminal }

    /// Each line is cut shorter than the terminal is wide: of one that goes on in the next row that row would stay.
    mutating func show(_ lines: [String]) {
        guard let size = self.terminal.size else { return }
        let lines = lines.prefix(max(1, size.rows - 1)).map { $0.cut(to: size.columns - 1) }
        guard lines != self.lines else { return }
        self.terminal.put(self.erasure(width: size.columns) + lines.joined(separator: "\n"))
        self.lines = lines
    }

    mutating func erase() {
        guard let size = self.terminal.size else { return }
        self.terminal.put(self.erasure(width: size.columns))
        self.lines = []
    }

    /// What brings the cursor to the beginning of the first line and clears from there on.
    private func erasure(width: Int) -> String {
        // A terminal that was made narrower has broken the lines.
        let rows = self.lines.reduce(0) { $0 + max(1, ($1.count + width - 1) / max(width, 1)) }
        return rows > 1 ? "\r\u{1B}[\(rows - 1)A\u{1B}[J" : "\r\u{1B}[K"
    }
}
