import Foundation

/// Which part of a tree of settings was given where.
struct SettingSources {
    struct Source: Hashable {
        /// `quickstart.yaml`, `--set run.steps=3`
        var name: String
        /// Where relative paths start.
        var base: URL
        /// Whether a line of it says more than its name.
        var isFile: Bool

        /// For a person, who finds the place by it.
        func place(line: Int?) -> String {
            guard self.isFile, let line else { return self.name }
            return "\(self.name):\(line)"
        }
    }

    private(set) var list: [Source]
    /// The source of what was given under a path and below it, where that is not the first one.
    private var later: [String: Int] = [:]

    init(_ first: Source) { self.list = [first] }

    mutating func append(_ source: Source) -> Int {
        self.list.append(source)
        return self.list.count - 1
    }

    /// The path and everything below it is from a source.
    mutating func give(_ path: String, by source: Int) {
        self.later = self.later.filter { !$0.key.hasPrefix("\(path).") && !$0.key.hasPrefix("\(path)[") }
        self.later[path] = source
    }

    /// The source of a setting, or of the nearest section around it.
    func index(of path: String) -> Int {
        var place = path[...]
        while !place.isEmpty {
            if let index = self.later[String(place)] { return index }
            guard let end = place.lastIndex(where: { $0 == "." || $0 == "[" }) else { break }
            place = place[..<end]
        }
        return 0
    }

    func source(of path: String) -> Source { self.list[self.index(of: path)] }
}
