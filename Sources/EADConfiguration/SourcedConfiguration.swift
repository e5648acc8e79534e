/// A configuration with the place that each of its values was given at.
package struct SourcedConfiguration: Hashable, Sendable {
    package private(set) var configuration: ClusterConfiguration
    /// By the path of a setting; without those that nobody gave.
    private var origins: [String: String]

    /// Reads the texts of cluster files, each laid over those before it, and settings of a command line over all.
    ///
    /// - Parameter places: The base of relative paths in `settings`; those of a file start at its own.
    /// - Throws: `ConfigurationError` with every problem.
    package init(_ texts: [ClusterText], settings: [String], places: Places) throws(ConfigurationError) {
        var document = try LayeredDocument(texts)
        for setting in settings { document.set(setting, base: places) }
        let reader = SettingReader(document)
        var configuration = ClusterConfiguration()
        configuration.visit(reader)
        configuration.resolvePaths { path in
            let isGiven = reader.origins[path] != nil
            var places = places
            places.base = isGiven ? document.sources.source(of: path).base : texts[0].base
            return places
        }
        configuration.resolveDecay()
        for problem in configuration.problems() { reader.report(problem.path, problem.message) }
        let problems = reader.finish()
        guard problems.isEmpty else { throw ConfigurationError(file: texts[0].name, problems: problems) }
        self.configuration = configuration
        self.origins = reader.origins
    }

    /// Where a setting was given: `quickstart.yaml:12`, `--set run.steps=3`; nil where it has its default.
    package func origin(of path: String) -> String? { self.origins[path] }

    /// Uses another run directory.
    package mutating func use(directory: String) {
        guard directory != self.configuration.run.directory else { return }
        self.configuration.run.directory = directory
        self.origins["run.directory"] = "--run-dir"
    }

    /// The resolved file, in which each line ends with where its value comes from.
    package func resolvedYAML() -> String { self.configuration.resolvedYAML(origins: self.origins) }
}
