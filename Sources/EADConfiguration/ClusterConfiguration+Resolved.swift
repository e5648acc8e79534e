import Crypto

extension ClusterConfiguration {
    /// The configuration as a cluster file in which nothing is left to defaults; reading it gives the same value.
    package func resolvedYAML() -> String { self.written().yaml }

    /// SHA-256 (32 bytes) of what all nodes must agree on: every setting but paths, threads, rows of logits, lanes and
    /// listening addresses.
    ///
    /// Hashed is the text of one line `path value` per setting, ended by a line feed, in the order of the resolved file.
    package var hash: [UInt8] {
        let lines = ["ead cluster configuration 1"] + self.written().shared
        return Array(SHA256.hash(data: Array(lines.map { $0 + "\n" }.joined().utf8)))
    }

    /// Every setting that all nodes must agree on, by its path, as the resolved file has it.
    package var sharedSettings: [String: String] {
        let pairs = self.written().shared.map { line in
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
