import EADConfiguration
import EADFiles
import Foundation
import Logging

/// Writes what a role has to say to standard error, a line each.
struct RoleLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    let node: String
    let format: LogConfiguration.Format
    let output: RotatingOutput

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = self.metadata.merging(event.metadata ?? [:]) { $1 }
        let details = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let line = LogLine(time: Date(), level: event.level, node: self.node, message: "\(event.message)\(details)")
        self.output.write(line.text(self.format) + "\n")
    }
}
