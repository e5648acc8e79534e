import EADCore
import EADEnvironments
import EADFiles
import Foundation
import Yams

extension ClusterConfiguration {
    /// Reads a cluster file.
    ///
    /// - Throws: `ConfigurationError` with every problem of the file, or the reason why it cannot be read.
    package static func load(path: String) throws(ConfigurationError) -> ClusterConfiguration {
        try self.load(path: path, places: Places(file: path))
    }

    /// Reads a cluster file as a process with other places would.
    package static func load(path: String, places: Places) throws(ConfigurationError) -> ClusterConfiguration {
        let text: String
        do {
            let bytes = try Data(contentsOf: URL(filePath: path))
            guard let decoded = String(validating: bytes, as: UTF8.self) else {
                throw ConfigurationError(file: path, message: "is not UTF-8 text")
            }
            text = decoded
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(file: path, message: "cannot be read: \(error.localizedDescription)")
        }
        return try self.parse(text, file: path, places: places)
    }

    /// Reads the text of a cluster file; `file` is its name in messages.
    package static func parse(
        _ text: String, file: String, places: Places
    ) throws(ConfigurationError) -> ClusterConfiguration {
        let document: YAMLDocument
        do {
            document = try YAMLDocument(text)
        } catch {
            throw ConfigurationError(
                file: file,
                problems: [
                    ConfigurationError.Problem(
                        path: "", line: error.line, column: error.column, message: error.message)
                ])
        }
        guard let root = document.root, root.scalar?.isNull != true else {
            throw ConfigurationError(
                file: file, message: "is empty; cluster/quickstart.yaml shows what belongs into it")
        }
        guard let mapping = root.mapping else {
            throw ConfigurationError(file: file, message: "must be a mapping (key: value), is \(root.described)")
        }
        let reader = SettingReader(mapping)
        var configuration = ClusterConfiguration()
        configuration.visit(reader)
        configuration.resolvePaths(places)
        for problem in configuration.problems() { reader.report(problem.path, problem.message) }
        let problems = reader.finish()
        guard problems.isEmpty else { throw ConfigurationError(file: file, problems: problems) }
        return configuration
    }

    private mutating func resolvePaths(_ places: Places) {
        func file(_ path: String, else asset: CacheDirectory.Asset) -> String {
            places.resolve(path.isEmpty ? places.cache.place(of: asset) : path)
        }
        self.run.directory = places.resolve(self.run.directory.isEmpty ? "runs/\(self.run.name)" : self.run.directory)
        self.model.path = file(self.model.path, else: ModelConfiguration.defaultFile)
        self.observe.tokenFile = self.observe.tokenFile.map { places.resolve($0) }
        self.security.keys = places.resolve(self.security.keys.isEmpty ? "keys" : self.security.keys)
        if self.task.kind == .asdivEasy {
            self.task.path = file(self.task.path ?? "", else: TaskConfiguration.defaultFile)
        } else {
            self.task.path = self.task.path.map { places.resolve($0) }
        }
        // The arguments of a program are its own business, unless they say that they are paths.
        self.task.command = self.task.command.map { word in
            ["./", "../", "~/"].contains(where: word.hasPrefix) ? places.resolve(word) : word
        }
    }
}

extension ConfigurationError {
    /// A file that cannot be used at all.
    init(file: String, message: String) {
        self.init(file: file, problems: [Problem(path: "", line: 0, column: 0, message: message)])
    }
}
