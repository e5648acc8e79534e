import Yams

/// Reads a YAML tree into a configuration and collects what is wrong with it, all of it in one pass.
final class SettingReader: SettingVisitor {
    /// One mapping on the way from the root.
    private struct Level {
        var path: String
        var mark: Mark?
        var mapping: Node.Mapping?
        var known: [String] = []
        /// What is left out here stands elsewhere, also what is required.
        var isCopy = false
    }

    private var levels: [Level]
    private var marks: [String: Mark] = [:]
    private let sources: SettingSources
    private var problems: [(source: Int, problem: ConfigurationError.Problem)]
    /// Where each setting and section that was given was given, by its path.
    private(set) var origins: [String: String] = [:]

    init(_ document: LayeredDocument) {
        self.levels = [Level(path: "", mark: nil, mapping: document.root)]
        self.sources = document.sources
        self.problems = document.problems
    }

    func setting<Value>(_ key: SettingKey, _ value: inout Value, _ type: SettingType<Value>) {
        let path = self.note(key.name)
        guard let node = self.child(key.name) else {
            if key.isRequired, self.levels.last?.isCopy != true {
                self.report(self.levels.last?.mark, path, "is missing")
            }
            return
        }
        switch type.parse(node) {
        case .success(let read): value = read
        case .failure(let objection): self.report(node.mark, path, objection.message)
        }
    }

    func section(_ key: String, _ body: () -> Void) {
        let path = self.note(key)
        self.descend(self.child(key), path: path, mark: self.keyMark(key) ?? self.levels.last?.mark, body)
    }

    func section<Section>(
        _ key: String, like path: String, _ original: Section, _ copy: inout Section, _ body: (inout Section) -> Void
    ) {
        copy = original
        let path = self.note(key)
        self.descend(self.child(key), path: path, mark: self.keyMark(key), isCopy: true) { body(&copy) }
    }

    func list<Element>(
        _ key: String, _ elements: inout [Element], element: () -> Element, _ body: (inout Element) -> Void
    ) {
        let path = self.note(key)
        guard let node = self.child(key) else { return }
        guard case .sequence(let sequence) = node else {
            self.report(node.mark, path, "must be a list, is \(node.described)")
            return
        }
        elements = []
        for (index, entry) in sequence.enumerated() {
            var read = element()
            let entryPath = "\(path)[\(index)]"
            self.marks[entryPath] = entry.mark
            self.descend(entry, path: entryPath, mark: entry.mark) { body(&read) }
            elements.append(read)
        }
    }

    /// To be called after all visits: what stands in the root and was never asked for is unknown.
    func finish() -> [ConfigurationError.Problem] {
        self.reportUnknownKeys()
        return self.problems.enumerated().sorted {
            let (first, second) = ($0.element, $1.element)
            return (first.source, first.problem.line, first.problem.column, $0.offset)
                < (second.source, second.problem.line, second.problem.column, $1.offset)
        }.map(\.element.problem)
    }

    /// Reports a problem found after reading, at the setting or the nearest section around it.
    ///
    /// A setting that could not be read has a stand-in by now, about which there is nothing to say.
    func report(_ path: String, _ message: String) {
        guard !self.problems.contains(where: { $0.problem.path == path }) else { return }
        var place = path
        while self.marks[place] == nil, let end = place.lastIndex(where: { $0 == "." || $0 == "[" }) {
            place = String(place[..<end])
        }
        self.report(self.marks[place], path, message)
    }

    // MARK: Inside

    private func descend(_ node: Node?, path: String, mark: Mark?, isCopy: Bool = false, _ body: () -> Void) {
        let mapping = node.flatMap { self.mapping($0, at: path) }
        self.levels.append(
            Level(path: path, mark: mark, mapping: mapping, isCopy: isCopy || self.levels.last?.isCopy == true))
        body()
        self.reportUnknownKeys()
        self.levels.removeLast()
    }

    private func mapping(_ node: Node, at path: String) -> Node.Mapping? {
        if case .mapping(let mapping) = node { return mapping }
        if case .scalar(let scalar) = node, scalar.isNull { return nil }
        self.report(node.mark, path, "must be a mapping (key: value), is \(node.described)")
        return nil
    }

    private func note(_ key: String) -> String {
        let level = self.levels.count - 1
        self.levels[level].known.append(key)
        let path = self.levels[level].path.isEmpty ? key : "\(self.levels[level].path).\(key)"
        if self.child(key) != nil {
            let mark = self.keyMark(key)
            self.marks[path] = mark
            self.origins[path] = self.sources.source(of: path).place(line: mark?.line)
        }
        return path
    }

    private func child(_ key: String) -> Node? {
        self.levels.last?.mapping?.first { $0.key.scalar?.string == key }?.value
    }

    private func keyMark(_ key: String) -> Mark? {
        self.levels.last?.mapping?.first { $0.key.scalar?.string == key }?.key.mark
    }

    private func reportUnknownKeys() {
        guard let level = self.levels.last, let mapping = level.mapping else { return }
        for (key, _) in mapping {
            guard case .scalar(let scalar) = key else {
                self.report(key.mark, level.path, "has a key that is \(key.described)")
                continue
            }
            let name = scalar.string
            if level.known.contains(name) { continue }
            if let original = DuplicateKeys.original(of: name) {
                let path = level.path.isEmpty ? original : "\(level.path).\(original)"
                let repetition = level.path.isEmpty ? name : "\(level.path).\(name)"
                // Laid over by another file, the first one is not there any more.
                let isThere = self.sources.index(of: path) == self.sources.index(of: repetition)
                let first = isThere ? mapping.first { $0.key.scalar?.string == original }?.key.mark?.line : nil
                self.report(
                    key.mark, path, "is given twice" + (first.map { ", first in line \($0)" } ?? ""), of: repetition)
                continue
            }
            let shown = name.count > 60 ? "\(name.prefix(60))..." : name
            let suggestion = Spelling.closest(to: name, among: level.known)
            let hint =
                suggestion.map { "; did you mean \($0)?" } ?? "; known here: "
                + level.known.joined(separator: ", ")
            self.report(
                key.mark, level.path.isEmpty ? shown : "\(level.path).\(shown)", "is not a setting" + hint,
                of: level.path.isEmpty ? name : "\(level.path).\(name)")
        }
    }

    /// - Parameter place: The path in the tree, where that is not the one to show.
    private func report(_ mark: Mark?, _ path: String, _ message: String, of place: String? = nil) {
        let index = self.sources.index(of: place ?? path)
        let source = self.sources.list[index]
        let mark = source.isFile ? mark : nil
        self.problems.append(
            (
                index,
                ConfigurationError.Problem(
                    source: source.name, path: path, line: mark?.line ?? 0, column: mark?.column ?? 0, message: message)
            ))
    }
}
