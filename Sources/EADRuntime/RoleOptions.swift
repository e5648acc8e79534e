package import ArgumentParser
import EADConfiguration
import EADCore
import Foundation
import Logging

/// The command line that the three roles share.
package struct RoleOptions: ParsableArguments {
    @Option(name: .long, help: "The cluster file (YAML); given again, a file to lay over those before it.")
    package var cluster: [String]

    @Option(
        name: .long,
        help: ArgumentHelp(
            "One setting, over all files: training.learning_rate=1e-6. May be given often.", valueName: "path=value"))
    package var set: [String] = []

    @Option(name: .long, help: "This process's name in the cluster file; not needed where the role has only one node.")
    package var node: String?

    @Option(name: .long, help: "Overrides run.directory of the cluster file.")
    package var runDir: String?

    @Option(name: .long, help: "trace, debug, info, notice, warning, error or critical.")
    package var logLevel: LogLevel = .info

    @Flag(name: .long, help: "Drain and leave when the process that started this one is gone.")
    package var exitWithParent = false

    package init() {}

    var files: ClusterFiles { ClusterFiles(self.cluster, settings: self.set) }

    /// A level of swift-log by its name.
    package struct LogLevel: ExpressibleByArgument, Sendable {
        let level: Logger.Level

        static let info = LogLevel(level: .info)

        init(level: Logger.Level) { self.level = level }

        package init?(argument: String) {
            guard let level = Logger.Level(rawValue: argument) else { return nil }
            self.level = level
        }

        package var defaultValueDescription: String { self.level.rawValue }
    }
}
