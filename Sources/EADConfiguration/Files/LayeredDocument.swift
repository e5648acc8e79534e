import Yams

/// The tree of several cluster files and of settings of a command line, each laid over those before it: sections are
/// merged key by key, anything else is replaced whole.
struct LayeredDocument {
    private(set) var root: Node.Mapping
    private(set) var sources: SettingSources
    /// What cannot be laid over the rest, each with the place of its source.
    private(set) var problems: [(source: Int, problem: ConfigurationError.Problem)] = []
    private var assigned: [String: Int] = [:]

    /// - Throws: `ConfigurationError` with what makes files no trees.
    init(_ texts: [ClusterText]) throws(ConfigurationError) {
        var roots: [Node.Mapping] = []
        var problems: [ConfigurationError.Problem] = []
        for (index, text) in texts.enumerated() {
            do throws(ConfigurationError) {
                roots.append(try Self.root(of: text))
                if texts[..<index].contains(where: { $0.name == text.name }) {
                    throw ConfigurationError(file: text.name, message: "is given twice")
                }
            } catch {
                problems += error.problems
            }
        }
        guard let first = texts.first else { preconditionFailure("settings are read from at least one file") }
        guard problems.isEmpty else { throw ConfigurationError(file: first.name, problems: problems) }
        self.root = roots[0]
        self.sources = SettingSources(Self.source(first))
        for (text, root) in zip(texts, roots).dropFirst() {
            let source = self.sources.append(Self.source(text))
            self.root = self.merge(root, into: self.root, at: "", from: source)
        }
    }

    private static func source(_ text: ClusterText) -> SettingSources.Source {
        SettingSources.Source(name: text.name, base: text.base, isFile: true)
    }

    private static func root(of text: ClusterText) throws(ConfigurationError) -> Node.Mapping {
        let document: YAMLDocument
        do {
            document = try YAMLDocument(text.text)
        } catch {
            throw ConfigurationError(
                file: text.name,
                problems: [
                    ConfigurationError.Problem(
                        source: text.name, path: "", line: error.line, column: error.column, message: error.message)
                ])
        }
        guard let root = document.root, root.scalar?.isNull != true else {
            throw ConfigurationError(
                file: text.name, message: "is empty; cluster/quickstart.yaml shows what belongs into it")
        }
        guard let mapping = root.mapping else {
            throw ConfigurationError(file: text.name, message: "must be a mapping (key: value), is \(root.described)")
        }
        return mapping
    }

    /// Lays a file over what is there.
    private mutating func merge(
        _ overlay: Node.Mapping, into below: Node.Mapping, at path: String, from source: Int
    ) -> Node.Mapping {
        var pairs: [(Node, Node)] = below.map { ($0.key, $0.value) }
        var places: [String: Int] = [:]
        for (index, pair) in pairs.enumerated() {
            if let key = pair.0.scalar?.string { places[key] = index }
        }
        for (key, value) in overlay {
            guard let name = key.scalar?.string else {
                self.object(source, path, "has a key that is \(key.described)", key.mark)
                continue
            }
            let place = path.isEmpty ? name : "\(path).\(name)"
            guard let index = places[name] else {
                self.sources.give(place, by: source)
                pairs.append((key, value))
                continue
            }
            if let merged = self.merged(value, over: pairs[index].1, at: place, from: source) {
                pairs[index].1 = merged
            } else {
                self.sources.give(place, by: source)
                pairs[index] = (key, value)
            }
        }
        return Node.Mapping(pairs, below.tag, below.style, below.mark)
    }

    /// Two sections as one; nil where the later value replaces the earlier.
    private mutating func merged(_ value: Node, over below: Node, at path: String, from source: Int) -> Node? {
        guard let section = below.mapping else { return nil }
        // A section that says nothing takes nothing back.
        if let scalar = value.scalar, scalar.isNull { return below }
        guard let overlay = value.mapping else { return nil }
        return .mapping(self.merge(overlay, into: section, at: path, from: source))
    }

    /// Lays a setting of a command line over what is there.
    /// - Parameter base: Where relative paths of a command line start.
    mutating func set(_ text: String, base: Places) {
        let source = self.sources.append(
            SettingSources.Source(name: "--set \(text)", base: base.base, isFile: false))
        do throws(SettingObjection) {
            let assignment = try SettingAssignment(text)
            if let other = self.assigned.first(where: { Self.meet($0.key, assignment.path) })?.value {
                throw SettingObjection(message: "is given twice, first by \(self.sources.list[other].name)")
            }
            self.assigned[assignment.path] = source
            let node = try self.assign(
                assignment.value, to: assignment.steps[...], in: .mapping(self.root), at: [], from: source)
            guard let root = node.mapping else { preconditionFailure("a mapping with a key set is one") }
            self.root = root
        } catch {
            self.object(source, "", error.message, nil)
        }
    }

    /// Whether one of two paths is, or holds, the other.
    private static func meet(_ first: String, _ second: String) -> Bool {
        let (short, long) = first.count < second.count ? (first, second) : (second, first)
        return long == short || long.hasPrefix("\(short).") || long.hasPrefix("\(short)[")
    }

    private mutating func assign(
        _ value: Node, to steps: ArraySlice<SettingAssignment.Step>, in node: Node?,
        at path: [SettingAssignment.Step], from source: Int
    ) throws(SettingObjection) -> Node {
        let place = SettingAssignment.path(path[...])
        guard let step = steps.first else {
            if let node, let merged = self.merged(value, over: node, at: place, from: source) { return merged }
            self.sources.give(place, by: source)
            return value
        }
        switch step {
        case .key(let name):
            let isNothing = node?.scalar?.isNull ?? (node == nil)
            guard let mapping = isNothing ? Node.Mapping([]) : node?.mapping else {
                throw SettingObjection(message: "goes through \(place), which is \(node?.described ?? "empty")")
            }
            var pairs: [(Node, Node)] = mapping.map { ($0.key, $0.value) }
            let index = pairs.firstIndex { $0.0.scalar?.string == name }
            let inner = try self.assign(
                value, to: steps.dropFirst(), in: index.map { pairs[$0].1 }, at: path + [step], from: source)
            // A section that it brought in is its own as well.
            if isNothing, !place.isEmpty { self.sources.give(place, by: source) }
            if let index { pairs[index].1 = inner } else { pairs.append((Node(name), inner)) }
            return .mapping(Node.Mapping(pairs, mapping.tag, mapping.style, mapping.mark))
        case .index(let index):
            guard let list = node?.sequence else {
                throw SettingObjection(message: "takes \(place) for a list, which is \(node?.described ?? "empty")")
            }
            guard list.indices.contains(index) else {
                throw SettingObjection(
                    message: "takes an entry [\(index)] of \(place), which has \(list.count): they are counted from 0")
            }
            var copy = list
            copy[index] = try self.assign(
                value, to: steps.dropFirst(), in: list[index], at: path + [step], from: source)
            return .sequence(copy)
        }
    }

    private mutating func object(_ source: Int, _ path: String, _ message: String, _ mark: Mark?) {
        self.problems.append(
            (
                source,
                ConfigurationError.Problem(
                    source: self.sources.list[source].name, path: path, line: mark?.line ?? 0,
                    column: mark?.column ?? 0, message: message)
            ))
    }
}
