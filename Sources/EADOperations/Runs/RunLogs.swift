import EADConfiguration
import EADCore
package import EADFiles
import EADRuntime
import Foundation

/// The logs of a run's roles as one, in the order of their times.
package struct RunLogs {
    private let directory: RunLayout
    private let terms: Terms
    private var files: [(node: NodeID, path: String)]
    /// Where reading goes on, by node.
    private var places: [NodeID: Place] = [:]

    /// What of them is wanted, and how.
    package struct Terms: Sendable {
        /// Nil for every one.
        package var roles: Set<String>?
        package var isJSON: Bool

        package init(roles: Set<String>?, isJSON: Bool) {
            self.roles = roles
            self.isJSON = isJSON
        }
    }

    private struct Place {
        /// Tells a file from the one that took its name.
        var file: UInt64
        var offset: Int
        var rest: [UInt8]
    }

    private struct Entry {
        var time: String
        var line: LogLine
    }

    /// - Throws: `RoleFailure` when no role whose log is wanted has one there; `FileError` without the directory.
    package init(_ path: String, _ terms: Terms) throws {
        self.directory = RunLayout(path)
        self.terms = terms
        let nodes = try FileTree.names(in: path).compactMap { RunLayout.printingNode($0) }.sorted()
        // Without a readable configuration a node's name is all that is known of it.
        let roles = (try? RunDirectory(path).configuration.nodes) ?? [:]
        let wanted = nodes.filter { node in
            terms.roles.map { $0.contains(node.rawValue) || $0.contains(roles[node]?.rawValue ?? "") } ?? true
        }
        guard !wanted.isEmpty else {
            let known = nodes.isEmpty ? "none" : nodes.map(\.rawValue).joined(separator: ", ")
            throw RoleFailure(.usage, "\(path) has no such log; there are \(known)")
        }
        self.files = wanted.map { ($0, RunLayout(path).output(of: $0)) }
    }

    /// What was written since the last call, those put aside included at the first; each line without its end.
    package mutating func next() throws(FileError) -> [String] {
        var entries: [Entry] = []
        for (node, path) in self.files { entries += try self.entries(of: node, path) }
        // Stable, so that lines of one role keep their order.
        let sorted = entries.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        return sorted.map { $0.element.line.text(self.terms.isJSON ? .json : .text) }
    }

    private mutating func entries(of node: NodeID, _ path: String) throws(FileError) -> [Entry] {
        let older = RunLayout.older(path)
        var bytes: [UInt8] = []
        let present = FileTree.fileNumber(path)
        var place = self.places[node] ?? Place(file: present ?? 0, offset: 0, rest: [])
        if self.places[node] == nil {
            if FileTree.exists(older) { bytes += try FileContents.read(older) }
        } else if let present, present != place.file {
            // It was put aside: first its end, then the beginning of the next.
            if FileTree.fileNumber(older) == place.file { bytes += try FileContents.read(older, from: place.offset) }
            place = Place(file: present, offset: 0, rest: place.rest)
        }
        if present != nil {
            let more = try FileContents.read(path, from: place.offset)
            bytes += more
            place.offset += more.count
        }
        var text = place.rest + bytes
        let end = text.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        place.rest = Array(text[end...])
        text.removeLast(text.count - end)
        self.places[node] = place
        return Self.entries(String(decoding: text, as: UTF8.self), node: node.rawValue)
    }

    /// Lines that no logger wrote belong to the time of the one before.
    private static func entries(_ text: String, node: String) -> [Entry] {
        var time = ""
        return text.split(separator: "\n").map { text in
            if let line = LogLine(text) {
                time = line.time
                return Entry(time: time, line: line)
            }
            return Entry(time: time, line: LogLine(time: time, level: "notice", node: node, message: String(text)))
        }
    }
}
