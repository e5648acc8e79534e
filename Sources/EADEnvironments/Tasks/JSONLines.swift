import EADCore
import EADModels
import Foundation

/// A file of one JSON object per line, read whole; unusable lines are collected and thrown together.
struct JSONLines {
    let path: String
    private let lines: [Data.SubSequence]

    /// Fails if the file cannot be read or is empty. A newline at the end does not start another line.
    init(path: String) throws(TaskError) {
        self.path = path
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            let reason = FileManager.default.fileExists(atPath: path) ? "\(error.localizedDescription)" : "no such file"
            throw .unreadable(path: path, reason: reason)
        }
        if data.starts(with: Array("PAR1".utf8)) {
            throw .unreadable(
                path: path, reason: "it is a Parquet file; scripts/import-parquet \(path) makes a file of lines of it")
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var lines = (data.starts(with: mark) ? data.dropFirst(mark.count) : data).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard !lines.isEmpty else { throw .empty(path: path, wanted: "lines") }
        self.lines = lines
    }

    /// One line's object, whose texts are asked for by key.
    struct Object {
        let number: Int
        fileprivate let value: JSONValue

        /// The text under a key; it must hold more than white space.
        func text(_ key: String) throws(LineProblem) -> String {
            guard let field = self.value[key] else { throw LineProblem("has no \"\(key)\"") }
            guard let text = field.text else { throw LineProblem("\"\(key)\" is not a string") }
            guard text.contains(where: { !$0.isWhitespace }) else { throw LineProblem("\"\(key)\" is empty") }
            return text
        }

        /// The text under a key, or the number as it is written, with all of its digits.
        func textOrNumber(_ key: String) throws(LineProblem) -> String {
            switch self.value[key] {
            case .number(let digits): return digits
            case .text, nil: return try self.text(key)
            default: throw LineProblem("\"\(key)\" is neither a string nor a number")
            }
        }

        /// The conversation under a key.
        func conversation(_ key: String) throws(LineProblem) -> Conversation {
            do throws(Conversation.Fault) {
                return try Conversation(self.value[key] ?? .null)
            } catch {
                throw LineProblem("\"\(key)\" \(error.message)")
            }
        }

        /// The texts and numbers of the list under a key; nil if there is no list.
        func list(_ key: String) throws(LineProblem) -> [String]? {
            guard case .list(let elements) = self.value[key] else { return nil }
            var texts: [String] = []
            for element in elements {
                switch element {
                case .text(let text) where text.contains(where: { !$0.isWhitespace }): texts.append(text)
                case .number(let digits): texts.append(digits)
                default: throw LineProblem("\"\(key)\" has an element that is neither a text nor a number")
                }
            }
            guard !texts.isEmpty else { throw LineProblem("\"\(key)\" is an empty list") }
            return texts
        }

        func has(_ key: String) -> Bool { self.value[key] != nil }

        /// The members under other keys, in their order.
        func members(except keys: [String]) -> [JSONValue.Member] {
            guard case .object(let members) = self.value else { return [] }
            return members.filter { !keys.contains($0.key) }
        }
    }

    /// What is wrong with a line.
    struct LineProblem: Error {
        let message: String
        init(_ message: String) { self.message = message }
    }

    /// Passes each line's object on, in order; throws all unusable lines at the end.
    func forEach(_ body: (Object) throws(LineProblem) -> Void) throws(TaskError) {
        var bad: [TaskError.Line] = []
        var total = 0
        for (index, line) in self.lines.enumerated() {
            do throws(LineProblem) {
                try body(Object(number: index + 1, value: Self.object(in: line)))
            } catch {
                total += 1
                if bad.count < 20 { bad.append(TaskError.Line(number: index + 1, problem: error.message)) }
            }
        }
        guard bad.isEmpty else { throw .malformed(path: self.path, lines: bad, total: total) }
    }

    private static func object(in line: Data) throws(LineProblem) -> JSONValue {
        guard let text = String(validating: line, as: UTF8.self) else { throw LineProblem("is not valid UTF-8") }
        guard line.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }) else {
            throw LineProblem("is empty")
        }
        let value: JSONValue
        do throws(JSONReader.Fault) {
            value = try JSONReader.value(of: text)
        } catch {
            throw LineProblem("is not valid JSON: byte \(error.offset + 1): \(error.message)")
        }
        guard case .object = value else { throw LineProblem("is not a JSON object") }
        return value
    }
}
