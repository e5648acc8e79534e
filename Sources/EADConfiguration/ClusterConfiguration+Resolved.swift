import Crypto

extension ClusterConfiguration {
    /// The configuration as a cluster file in which nothing is left to defaults; reading it gives the same value.
    package func resolvedYAML() -> String { self.written().yaml }

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

    /// Every setting that all nodes must agree on, by its path, as the resolved file has it.
    package var sharedSettings: [String: String] { Self.settings(self.written().shared) }

    /// Of these, the paths of those that a run's results depend on.
    package var lastingPaths: Set<String> { Set(Self.settings(self.written().lasting).keys) }

    /// What would make a run with these settings another one than the run that had the `earlier` ones: a clause per
    /// setting, with both values.
    package func lastingDifferences(from earlier: ClusterConfiguration) -> [String] {
        let (before, after) = (Self.settings(earlier.written().lasting), Self.settings(self.written().lasting))
        return Set(before.keys).union(after.keys).sorted().compactMap { path in
            guard before[path] != after[path] else { return nil }
            return "\(path) was \(before[path] ?? "not set"), is \(after[path] ?? "not set")"
        }
    }

    private static func settings(_ lines: [String]) -> [String: String] {
        let pairs = lines.map { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }

    private func written() -> SettingWriter {
        let writer = SettingWriter()
        var copy = self
        copy.visit(writer)
        return writer
    }
}
