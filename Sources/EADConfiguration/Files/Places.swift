package import Foundation

/// Where the relative paths of a cluster file start, and where what it does not name is kept.
package struct Places: Hashable, Sendable {
    /// The directory of the cluster file.
    package var base: URL
    package var home: URL
    /// Downloads: `ead` in the user's cache directory.
    package var cache: URL

    package init(base: URL, home: URL, cache: URL) {
        self.base = base
        self.home = home
        self.cache = cache
    }

    /// The places for the file at `path` in this process's environment.
    package init(file path: String, environment: [String: String] = ProcessInfo.processInfo.environment) {
        let home = URL(filePath: environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory())
        let caches = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? URL(filePath: $0) : nil }
        self.init(
            // Absolute first: standardising a relative URL would lose the directory it is relative to.
            base: URL(filePath: path).absoluteURL.deletingLastPathComponent(), home: home,
            cache: (caches ?? home.appending(path: ".cache")).appending(path: "ead"))
    }

    /// An absolute path without `.` and `..`; `~/` is the home directory, anything relative starts at `base`.
    func resolve(_ path: String) -> String {
        if path == "~" { return self.home.standardized.path }
        if path.hasPrefix("~/") { return self.home.appending(path: String(path.dropFirst(2))).standardized.path }
        if path.hasPrefix("/") { return URL(filePath: path).standardized.path }
        return self.base.appending(path: path).standardized.path
    }
}
