/// Text of a certain width, in characters.
extension StringProtocol {
    /// On one line, whatever is in it, and cut where it is longer.
    func cut(to width: Int) -> String {
        let line = String(self.map { $0.isNewline || $0.isControl ? " " : $0 })
        guard line.count > width else { return line }
        return width < 2 ? String(line.prefix(Swift.max(0, width))) : line.prefix(width - 1) + "…"
    }

    /// Its words in lines of at most `width` characters, which begin with `indent` from the second on; a longer word is cut.
    func wrapped(to width: Int, indent: String = "  ") -> [String] {
        guard self.count > width else { return [String(self)] }
        var lines: [String] = []
        for word in String(self).split(separator: " ").map({ String($0) }) {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(((lines.isEmpty ? "" : indent) + word).cut(to: width))
            }
        }
        return lines
    }
}

extension Character {
    fileprivate var isControl: Bool { self.unicodeScalars.contains { $0.properties.generalCategory == .control } }
}
