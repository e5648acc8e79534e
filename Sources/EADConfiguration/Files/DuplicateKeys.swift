import Yams

/// Makes a document readable in which a mapping has a key twice, so that its other problems are found too.
///
/// The YAML parser gives up at the first such mapping. In block style the repetition can be found in the text by its
/// indentation; it gets a name that no setting has, and is reported as a repetition when the mapping is read.
enum DuplicateKeys {
    /// A private-use character, which no setting's name contains.
    private static let separator: Character = "\u{E000}"

    /// The key of which `name` is the marked repetition; nil for any other name.
    static func original(of name: String) -> String? {
        name.firstIndex(of: Self.separator).map { String(name[..<$0]) }
    }

    /// The document with the repetitions of `key`, whose first use is at `mark`, marked; nil when none is found.
    static func marking(_ key: String, at mark: Mark, in yaml: String) -> String? {
        var lines = yaml.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        guard !key.isEmpty, lines.indices.contains(mark.line - 1) else { return nil }
        var repetitions = 0
        for index in lines.indices.dropFirst(mark.line) {
            let indentation = lines[index].prefix { $0 == " " }.count
            let text = lines[index].dropFirst(indentation)
            if text.isEmpty || text.hasPrefix("#") { continue }
            if indentation < mark.column - 1 { break }
            guard indentation == mark.column - 1, text.hasPrefix(key),
                text.dropFirst(key.count).drop(while: { $0 == " " }).first == ":"
            else { continue }
            repetitions += 1
            lines[index].insert(
                contentsOf: "\(Self.separator)\(repetitions)",
                at: lines[index].index(lines[index].startIndex, offsetBy: indentation + key.count))
        }
        return repetitions > 0 ? lines.joined(separator: "\n") : nil
    }
}
