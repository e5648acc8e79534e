import Foundation

/// What a command was given to read the settings of a cluster from.
package struct ClusterFiles: Hashable, Sendable {
    /// Each wins over those before it.
    package var paths: [String]
    /// Single settings, such as `training.learning_rate=1e-6`; they win over all files.
    package var settings: [String]

    package init(_ paths: [String], settings: [String] = []) {
        self.paths = paths
        self.settings = settings
    }

    /// The words that tell a role the same.
    package var arguments: [String] {
        self.paths.flatMap { ["--cluster", $0] } + self.settings.flatMap { ["--set", $0] }
    }

    /// The files as they are.
    package func texts() throws(ConfigurationError) -> [ClusterText] {
        var texts: [ClusterText] = []
        for path in self.paths { texts.append(try ClusterText(path: path)) }
        return texts
    }

    /// Reads everything.
    ///
    /// - Throws: `ConfigurationError` with every problem, or the reason why a file cannot be read.
    package func load() throws(ConfigurationError) -> SourcedConfiguration {
        let texts = try self.texts()
        // What is written in a shell starts where the shell stands.
        let here = URL(filePath: FileManager.default.currentDirectoryPath, directoryHint: .isDirectory)
        return try SourcedConfiguration(texts, settings: self.settings, places: Places(base: here))
    }
}
