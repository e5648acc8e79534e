import Yams

/// One setting of a command line, `training.learning_rate=1e-6`, or one in a list, `nodes.workers[1].threads=4`.
struct SettingAssignment {
    enum Step: Hashable {
        case key(String)
        case index(Int)
    }

    /// As it was given.
    let text: String
    /// From the root to the setting.
    let steps: [Step]
    /// As YAML has it.
    let value: Node

    init(_ text: String) throws(SettingObjection) {
        guard let sign = text.firstIndex(of: "=") else {
            throw SettingObjection(message: "must be a setting's path, = and its value")
        }
        self.text = text
        self.steps = try Self.steps(text[..<sign])
        let written = String(text[text.index(after: sign)...])
        do {
            self.value = try YAMLDocument(written).root ?? Node("", Tag(.null), .plain)
        } catch {
            throw SettingObjection(message: "has a value that \(error.message)")
        }
    }

    /// The path as messages and the resolved file have it.
    var path: String { Self.path(self.steps[...]) }

    static func path(_ steps: ArraySlice<Step>) -> String {
        steps.reduce("") { path, step in
            switch step {
            case .key(let key): path.isEmpty ? key : "\(path).\(key)"
            case .index(let index): "\(path)[\(index)]"
            }
        }
    }

    private static func steps(_ path: Substring) throws(SettingObjection) -> [Step] {
        var steps: [Step] = []
        for part in path.split(separator: ".", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
            steps.append(.key(String(pieces[0])))
            for piece in pieces.dropFirst() {
                guard piece.last == "]", let index = Int(piece.dropLast()), index >= 0 else {
                    throw SettingObjection(message: "has \(part) in its path, where a list's entry is written name[0]")
                }
                steps.append(.index(index))
            }
            guard !pieces[0].isEmpty else {
                throw SettingObjection(message: "must begin with the path of a setting, such as training.learning_rate")
            }
        }
        return steps
    }
}
