package import EADFiles
package import Foundation

/// Where the relative paths of a cluster file start, and where what it does not name is kept.
package struct Places: Hashable, Sendable {
    /// The directory of the cluster file.
    package var base: URL
    package var home: URL
    package var cache: CacheDirectory

    package init(
        base: URL, home: URL = URL(filePath: CacheDirectory.home), cache: CacheDirectory = .user
    ) {
        self.base = base
        self.home = home
        self.cache = cache
    }

    /// The places for the file at `path`, of this process's user.
    package init(file path: String, home: String = CacheDirectory.home, cache: CacheDirectory = .user) {
        self.init(
            // Absolute first: standardising a relative URL would lose the directory it is relative to.
            base: URL(filePath: path).absoluteURL.deletingLastPathComponent(), home: URL(filePath: home), cache: cache)
    }

    /// An absolute path without `.` and `..`; `~/` is the home directory, anything relative starts at `base`.
    func resolve(_ path: String) -> String {
        if path == "~" { return self.home.standardized.path }
        if path.hasPrefix("~/") { return self.home.appending(path: String(path.dropFirst(2))).standardized.path }
        if path.hasPrefix("/") { return URL(filePath: path).standardized.path }
        return self.base.appending(path: path).standardized.path
    }
}
