import EADCore
import EADModels

/// Lines `{"prompt": ..., "response": ...}`, or `{"messages": [...]}` where prompts are chats.
package struct DemonstrationFile: Sendable {
    /// What happens to a demonstration that is longer than the model's context.
    package enum Overlong: String, Sendable, CaseIterable {
        case refuse
        case drop
    }

    /// In the order of the file.
    package let demonstrations: [Demonstration]
    /// Lines left out because they are too long.
    package let dropped: Int

    /// Reads and encodes all lines.
    /// - Throws: `TaskError` with every line that cannot be used.
    package init(
        path: String, columns: DemonstrationColumns = DemonstrationColumns(), encoder: DemonstrationEncoder,
        overlong: Overlong = .refuse
    ) throws(TaskError) {
        var demonstrations: [Demonstration] = []
        var dropped = 0
        try JSONLines(path: path).forEach { object throws(JSONLines.LineProblem) in
            let (demonstration, fits) = try Self.read(object, columns, encoder)
            switch (fits, overlong) {
            case (true, _): demonstrations.append(demonstration)
            case (false, .drop): dropped += 1
            case (false, .refuse): throw encoder.tooLong(demonstration)
            }
        }
        guard !demonstrations.isEmpty else { throw .empty(path: path, wanted: "demonstrations that fit the context") }
        self.demonstrations = demonstrations
        self.dropped = dropped
    }

    private static func read(
        _ object: JSONLines.Object, _ columns: DemonstrationColumns, _ encoder: DemonstrationEncoder
    ) throws(JSONLines.LineProblem) -> (Demonstration, fits: Bool) {
        if let other = object.members(except: columns.all).first {
            throw JSONLines.LineProblem(
                "has \"\(other.key)\", which is no column of demonstrations; --ignore \(other.key) leaves it out")
        }
        guard object.has(columns.messages) else {
            return try encoder.encode(
                prompt: try object.text(columns.prompt), response: try object.text(columns.response),
                line: object.number)
        }
        guard encoder.isChat else {
            throw JSONLines.LineProblem("has \"\(columns.messages)\", which needs --prompt chat")
        }
        if let other = [columns.prompt, columns.response].first(where: object.has) {
            throw JSONLines.LineProblem("has both \"\(columns.messages)\" and \"\(other)\"")
        }
        return try encoder.encode(try object.conversation(columns.messages), line: object.number)
    }

    /// Gives everything that is learned from, in the order of the file.
    package func forEachDefiningPart(_ body: (UnsafeRawBufferPointer) -> Void) {
        for demonstration in self.demonstrations {
            for tokens in [demonstration.prompt, demonstration.response] {
                withUnsafeBytes(of: UInt64(tokens.count), body)
                tokens.withUnsafeBytes(body)
            }
        }
    }
}
