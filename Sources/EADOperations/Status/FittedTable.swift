/// Rows under a heading, with as many columns as there is room for.
struct FittedTable {
    struct Column {
        let title: String
        /// The column with the highest is left out first; nil for one that is always shown.
        let dropRank: Int?
        /// To so many characters its cells are cut before a column is left out; nil for those that are shown whole.
        let least: Int?

        init(_ title: String, dropRank: Int? = nil, least: Int? = nil) {
            self.title = title
            self.dropRank = dropRank
            self.least = least
        }
    }

    let columns: [Column]
    let rows: [[String]]

    private static let gap = 2
    /// Cells of columns that are never left out are cut to no less.
    private static let shortest = 6

    /// - Parameter width: Of the longest line; nil for as long as it takes.
    func text(width: Int?) -> String {
        var shown = Array(self.columns.indices)
        guard let width else { return StatusTable.align(self.cells(of: shown)) }
        shown = Self.fitting(shown, dropRank: { self.columns[$0].dropRank }) { self.leastWidth(of: $0) <= width }
        var cells = self.cells(of: shown)
        // The longest column gives first, as far as it may; then every one.
        for isStrict in [true, false] {
            var excess = Self.width(of: cells) - width
            while excess > 0 {
                let widths = Self.widths(of: cells)
                let limits = shown.map { isStrict ? self.columns[$0].least : Self.shortest }
                let candidates = widths.indices.filter { widths[$0] > limits[$0] ?? .max }
                guard let longest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
                let rest = max(limits[longest] ?? 0, widths[longest] - excess)
                for row in cells.indices { cells[row][longest] = cells[row][longest].cut(to: rest) }
                excess = Self.width(of: cells) - width
            }
        }
        return StatusTable.align(cells).split(separator: "\n").map { $0.cut(to: width) }.joined(separator: "\n")
    }

    private func cells(of shown: [Int]) -> [[String]] {
        [shown.map { self.columns[$0].title }] + self.rows.map { row in shown.map { row[$0] } }
    }

    /// Of the longest line once cells are cut as far as their columns may be.
    private func leastWidth(of shown: [Int]) -> Int {
        Self.line(
            zip(shown, Self.widths(of: self.cells(of: shown))).map { column, width in
                min(width, self.columns[column].least ?? .max)
            })
    }

    private static func width(of cells: [[String]]) -> Int { self.line(self.widths(of: cells)) }

    private static func line(_ widths: [Int]) -> Int { widths.reduce(0, +) + Self.gap * (widths.count - 1) }

    private static func widths(of cells: [[String]]) -> [Int] {
        (cells.first ?? []).indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    }

    /// As many columns as fit: of those that have a rank, the one with the highest is left out first.
    static func fitting<Element>(
        _ columns: [Element], dropRank: (Element) -> Int?, _ fits: ([Element]) -> Bool
    ) -> [Element] {
        var columns = columns
        while !fits(columns) {
            let ranks = columns.enumerated().compactMap { place, column in dropRank(column).map { (place, $0) } }
            guard let last = ranks.max(by: { $0.1 < $1.1 }) else { break }
            columns.remove(at: last.0)
        }
        return columns
    }
}
