/// Everything that was checked on a host.
package struct Examination: Hashable, Sendable, Codable {
    /// In the order in which a person reads them.
    package var checks: [Check]

    package init(_ checks: [Check] = []) { self.checks = checks }

    /// The worst outcome; ok when nothing was checked.
    package var outcome: Check.Outcome { self.checks.map(\.outcome).max() ?? .ok }

    /// A line per check, longer ones wrapped; what to do stands below, after an arrow.
    package func text(width: Int = 80) -> String {
        let column = self.checks.map(\.name.count).max() ?? 0
        let margin = 6 + column + 2
        var lines: [String] = []
        for check in self.checks {
            let outcome = Self.padded(check.outcome.rawValue, 6)
            let head = outcome + Self.padded(check.name, column + 2)
            let indent = String(repeating: " ", count: margin)
            for (index, line) in Self.wrapped(check.found, width: width - margin).enumerated() {
                lines.append((index == 0 ? head : indent) + line)
            }
            guard let advice = check.advice else { continue }
            for (index, line) in Self.wrapped(advice, width: width - margin - 3).enumerated() {
                lines.append(indent + (index == 0 ? "-> " : "   ") + line)
            }
        }
        return lines.joined(separator: "\n")
    }

    /// One sentence about all of it.
    package var summary: String {
        func count(_ outcome: Check.Outcome) -> Int { self.checks.count { $0.outcome == outcome } }
        switch self.outcome {
        case .ok: return "ready: \(count(.ok)) checks, nothing to do"
        case .warn: return "ready, with \(count(.warn)) to look at"
        case .fail: return "not ready: \(count(.fail)) failed, \(count(.warn)) to look at"
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// The words of a text in lines of at most `width` characters; a longer word has a line of its own.
    private static func wrapped(_ text: String, width: Int) -> [String] {
        text.split { $0 == " " || $0 == "\n" }.reduce(into: []) { lines, word in
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
    }
}
