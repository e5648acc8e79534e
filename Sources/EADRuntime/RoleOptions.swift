public import ArgumentParser
import EADConfiguration
import EADCore
import Foundation
import Logging

/// The command line that the three roles share.
public struct RoleOptions: ParsableArguments {
    @Option(name: .long, help: "The cluster file (YAML).")
    public var cluster: String

    @Option(name: .long, help: "This process's name in the cluster file; not needed where the role has only one node.")
    public var node: String?

    @Option(name: .long, help: "Overrides run.directory of the cluster file.")
    public var runDir: String?

    @Option(name: .long, help: "trace, debug, info, notice, warning, error or critical.")
    public var logLevel: LogLevel = .info

    @Flag(name: .long, help: "Drain and leave when the process that started this one is gone.")
    public var exitWithParent = false

    public init() {}

    /// A level of swift-log by its name.
    public struct LogLevel: ExpressibleByArgument, Sendable {
        let level: Logger.Level

        static let info = LogLevel(level: .info)

        init(level: Logger.Level) { self.level = level }

        public init?(argument: String) {
            guard let level = Logger.Level(rawValue: argument) else { return nil }
            self.level = level
        }

        public var defaultValueDescription: String { self.level.rawValue }
    }
}
