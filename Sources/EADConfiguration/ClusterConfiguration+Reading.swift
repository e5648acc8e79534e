import EADAlgorithms
import EADCore
import EADEnvironments
import EADFiles

extension ClusterConfiguration {
    /// Reads a cluster file.
    ///
    /// - Throws: `ConfigurationError` with every problem of the file, or the reason why it cannot be read.
    package static func load(path: String) throws(ConfigurationError) -> ClusterConfiguration {
        try ClusterFiles([path]).load().configuration
    }

    /// Reads the text of a cluster file; `file` is its name in messages.
    package static func parse(
        _ text: String, file: String, places: Places
    ) throws(ConfigurationError) -> ClusterConfiguration {
        let text = ClusterText(name: file, text: text, base: places.base)
        return try SourcedConfiguration([text], settings: [], places: places).configuration
    }

    /// A run that is given more steps later goes on with the rates that it had: the end of the decay is a setting of its own.
    mutating func resolveDecay() {
        if self.training.schedule != .constant, self.training.decaySteps == 0 {
            self.training.decaySteps = max(1, self.run.steps)
        }
    }

    /// Makes every path absolute.
    /// - Parameter places: Those of a setting, by its path: it starts where it was given.
    mutating func resolvePaths(_ places: (String) -> Places) {
        func file(_ path: String, of setting: String, else asset: CacheDirectory.Asset) -> String {
            let places = places(setting)
            return places.resolve(path.isEmpty ? places.cache.place(of: asset) : path)
        }
        self.run.directory = places("run.directory").resolve(
            self.run.directory.isEmpty ? "runs/\(self.run.name)" : self.run.directory)
        self.model.path = file(self.model.path, of: "model.path", else: ModelConfiguration.defaultFile)
        self.observe.tokenFile = self.observe.tokenFile.map { places("observe.token_file").resolve($0) }
        self.security.keys = places("security.keys").resolve(self.security.keys.isEmpty ? "keys" : self.security.keys)
        if self.task.kind == .asdivEasy {
            self.task.path = file(self.task.path ?? "", of: "task.path", else: TaskConfiguration.defaultFile)
        } else {
            self.task.path = self.task.path.map { places("task.path").resolve($0) }
        }
        // The arguments of a program are its own business, unless they say that they are paths.
        self.task.command = self.task.command.map { word in
            ["./", "../", "~/"].contains(where: word.hasPrefix) ? places("task.command").resolve(word) : word
        }
    }
}

extension ConfigurationError {
    /// A file that cannot be used at all.
    init(file: String, message: String) {
        self.init(file: file, problems: [Problem(source: file, path: "", line: 0, column: 0, message: message)])
    }
}
