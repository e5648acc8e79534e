/// A setting that has another value in another place.
package struct SettingDifference: Hashable, Sendable, CustomStringConvertible {
    package let path: String
    /// Nil where it is not set.
    package let before: String?
    package let after: String?

    /// A clause with both values.
    package var description: String { "\(self.path) was \(self.before ?? "not set"), is \(self.after ?? "not set")" }

    /// All of two texts of lines `path value`, by path. What is no such line is no setting.
    package static func all(from before: String, to after: String) -> [SettingDifference] {
        func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
        return self.all(between: lines(before), and: lines(after))
    }

    static func all(between before: [String], and after: [String]) -> [SettingDifference] {
        let (before, after) = (Self.settings(before), Self.settings(after))
        return Set(before.keys).union(after.keys).sorted().compactMap { path in
            guard before[path] != after[path] else { return nil }
            return SettingDifference(path: path, before: before[path], after: after[path])
        }
    }

    /// By path.
    static func settings(_ lines: [String]) -> [String: String] {
        let pairs = lines.map { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            return (String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "")
        }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }
}
