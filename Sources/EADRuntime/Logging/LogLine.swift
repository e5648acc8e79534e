package import EADConfiguration
package import Foundation
package import Logging

/// One line of a role's log.
package struct LogLine: Hashable, Sendable, Codable {
    /// ISO 8601 with milliseconds, in Greenwich.
    package var time: String
    package var level: String
    package var node: String
    package var message: String

    package init(time: Date, level: Logger.Level, node: String, message: String) {
        self.time = time.formatted(Self.style)
        self.level = level.rawValue
        self.node = node
        self.message = message
    }

    package init(time: String, level: String, node: String, message: String) {
        self.time = time
        self.level = level
        self.node = node
        self.message = message
    }

    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// Reads a line in either format; nil for what is none, such as the last words of a crash.
    package init?(_ line: Substring) {
        if line.first == "{", let line = try? JSONDecoder().decode(LogLine.self, from: Data(line.utf8)) {
            self = line
            return
        }
        let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[2].last == ":", Logger.Level(rawValue: String(parts[1])) != nil,
            (try? Self.style.parse(String(parts[0]))) != nil
        else { return nil }
        self.time = String(parts[0])
        self.level = String(parts[1])
        self.node = String(parts[2].dropLast())
        self.message = String(parts[3])
    }

    /// Without its end. A text of several lines stays one in JSON; in text, what follows the first is its continuation.
    package func text(_ format: LogConfiguration.Format) -> String {
        switch format {
        case .text: return "\(self.time) \(self.level) \(self.node): \(self.message)"
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            do { return String(decoding: try encoder.encode(self), as: UTF8.self) } catch {
                preconditionFailure("texts are always encodable: \(error)")
            }
        }
    }
}
