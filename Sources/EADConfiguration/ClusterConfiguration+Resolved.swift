import Crypto

extension ClusterConfiguration {
    /// The configuration as a cluster file in which nothing is left to defaults; reading it gives the same value.
    package func resolvedYAML() -> String { self.written().yaml }

    /// The same, in which each line says where its value comes from.
    /// - Parameter origins: By path, of those that were given.
    func resolvedYAML(origins: [String: String]) -> String { self.written(origins).yaml }

    /// SHA-256 (32 bytes) of what all nodes must agree on: every setting but paths, threads, rows of logits, lanes and
    /// listening addresses.
    ///
    /// Hashed is the text of one line `path value` per setting, ended by a line feed, in the order of the resolved file.
    package var hash: [UInt8] { Self.hash(["ead cluster configuration 1"] + self.written().shared) }

    /// The same of what stays as it is for as long as a run lasts: of these settings, those that its results depend on.
    package var lastingHash: [UInt8] { Self.hash(["ead run 1"] + self.written().lasting) }

    private static func hash(_ lines: [String]) -> [UInt8] {
        Array(SHA256.hash(data: Array(lines.map { $0 + "\n" }.joined().utf8)))
    }

    /// What is hashed: every setting that all nodes must agree on, a line `path value` each.
    package var sharedLines: String { self.written().shared.joined(separator: "\n") }

    /// Every setting that all nodes must agree on, by its path, as the resolved file has it.
    package var sharedSettings: [String: String] { SettingDifference.settings(self.written().shared) }

    /// Of these, the paths of those that a run's results depend on.
    package var lastingPaths: Set<String> { Set(SettingDifference.settings(self.written().lasting).keys) }

    /// What would make a run with these settings another one than the run that had the `earlier` ones.
    package func lastingDifferences(from earlier: ClusterConfiguration) -> [SettingDifference] {
        SettingDifference.all(between: earlier.written().lasting, and: self.written().lasting)
    }

    private func written(_ origins: [String: String]? = nil) -> SettingWriter {
        let writer = SettingWriter(origins: origins)
        var copy = self
        copy.visit(writer)
        return writer
    }
}
