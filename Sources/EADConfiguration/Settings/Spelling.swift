/// Guesses which known word a mistyped one was meant to be.
enum Spelling {
    /// The known word with the fewest edits from `word`, if that is a typing error's distance.
    static func closest(to word: String, among known: [String]) -> String? {
        let plain = Self.plain(word)
        guard plain.count <= 64 else { return nil }
        let best = known.map { ($0, Self.distance(plain, Self.plain($0))) }.min { $0.1 < $1.1 }
        guard let (candidate, distance) = best, distance <= max(1, min(plain.count, candidate.count) / 3) else {
            return nil
        }
        return candidate
    }

    /// Without the differences between snake_case, camelCase and kebab-case.
    private static func plain(_ word: String) -> [Character] {
        word.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }.map { $0 }
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    private static func distance(_ first: [Character], _ second: [Character]) -> Int {
        var rows = [Array(0...second.count)]
        for (i, a) in first.enumerated() {
            var row = [i + 1]
            for (j, b) in second.enumerated() {
                var edits = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a == b ? 0 : 1))
                if i > 0, j > 0, a == second[j - 1], first[i - 1] == b { edits = min(edits, rows[i - 1][j - 1] + 1) }
                row.append(edits)
            }
            rows.append(row)
        }
        return rows[first.count][second.count]
    }
}
