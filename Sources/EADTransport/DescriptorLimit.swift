import Glibc

/// How many files and sockets this process may have open at a time (RLIMIT_NOFILE).
package struct DescriptorLimit: Hashable, Sendable {
    /// What holds now.
    package let soft: Int
    /// What this process may raise it to.
    package let hard: Int

    package init(soft: Int, hard: Int) {
        self.soft = soft
        self.hard = hard
    }

    package static var current: DescriptorLimit {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return DescriptorLimit(soft: Int(clamping: limit.rlim_cur), hard: Int(clamping: limit.rlim_max))
    }

    /// More than any cluster needs; programs that close every possible descriptor take long over more.
    private static let enough: rlim_t = 65536

    /// Raises the soft limit as far as it may go and makes sense; the usual one is for programs that use `select`.
    /// - Returns: The limit that holds then.
    @discardableResult
    package static func raise() -> DescriptorLimit {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < min(limit.rlim_max, Self.enough)
        else { return .current }
        limit.rlim_cur = min(limit.rlim_max, Self.enough)
        setrlimit(resource, &limit)
        return .current
    }

    /// Connections of strangers a process keeps open: those that have not delivered a message yet.
    ///
    /// A quarter, so that members, files and what is being cut have the rest; a flood of strangers must never leave the
    /// process without a descriptor for its own files.
    package var strangers: Int { max(8, min(self.soft / 4, 1024)) }
}
