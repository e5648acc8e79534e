import Yams

/// A cluster file as a tree.
struct YAMLDocument {
    /// Larger files are refused: a cluster file is a few kilobytes.
    static let maximumBytes = 1 << 20
    /// Nil for a document without content.
    let root: Node?

    /// - Throws: The syntax error, as the one problem there is.
    init(_ text: String) throws(Fault) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw Fault(line: 0, column: 0, message: "is larger than \(Self.maximumBytes) bytes")
        }
        if let objection = AliasExpansion(text).objection {
            throw Fault(line: objection.line, column: 0, message: objection.message)
        }
        // Editors of Windows put a byte order mark before the text; the parser would see the first key behind it.
        var text = text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
        for _ in 0..<64 {
            do {
                self.root = try Yams.compose(yaml: text)
                return
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let first = keys.first ?? ""
                guard let marked = DuplicateKeys.marking(first, at: context.mark, in: text) else {
                    throw Fault(
                        line: context.mark.line, column: context.mark.column,
                        message: "\(keys.joined(separator: ", ")): is given twice")
                }
                text = marked
            } catch let error as YamlError {
                throw Fault(error)
            } catch {
                throw Fault(line: 0, column: 0, message: "is not YAML: \(error)")
            }
        }
        throw Fault(line: 0, column: 0, message: "has too many repeated keys")
    }

    /// Why a text is no tree, and where.
    struct Fault: Error {
        var line: Int
        var column: Int
        var message: String

        init(line: Int, column: Int, message: String) {
            self.line = line
            self.column = column
            self.message = message
        }

        init(_ error: YamlError) {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                self.init(line: mark.line, column: mark.column, message: "is not YAML: \(problem)")
            case .reader(let problem, _, _, _):
                self.init(line: 0, column: 0, message: "is not YAML: \(problem)")
            default:
                self.init(line: 0, column: 0, message: "is not YAML: \(error)")
            }
        }
    }
}
