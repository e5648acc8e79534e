import Glibc

/// How many files and sockets this process may have open at a time (RLIMIT_NOFILE).
package struct DescriptorLimit: Hashable, Sendable {
    /// What holds now.
    let soft: Int

    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    static var current: DescriptorLimit {
        var limit = rlimit()
        getrlimit(Self.resource, &limit)
        return DescriptorLimit(soft: Int(clamping: limit.rlim_cur))
    }

    /// More than any cluster needs; programs that close every possible descriptor take long over more.
    private static let enough: rlim_t = 65536

    /// Raises the soft limit as far as it may go and makes sense; the usual one is for programs that use `select`.
    package static func raise() {
        var limit = rlimit()
        guard getrlimit(Self.resource, &limit) == 0 else { return }
        let wanted = Self.wanted(limit)
        guard limit.rlim_cur < wanted else { return }
        limit.rlim_cur = wanted
        setrlimit(Self.resource, &limit)
    }

    /// What a process has after `raise`.
    package static var attainable: Int {
        var limit = rlimit()
        guard getrlimit(Self.resource, &limit) == 0 else { return Self.current.soft }
        return Int(clamping: max(limit.rlim_cur, Self.wanted(limit)))
    }

    private static func wanted(_ limit: rlimit) -> rlim_t { min(limit.rlim_max, Self.enough) }

    /// Connections of strangers a process keeps open: those that have not delivered a message yet.
    ///
    /// A quarter, so that members, files and what is being cut have the rest; a flood of strangers must never leave the
    /// process without a descriptor for its own files.
    var strangers: Int { max(8, min(self.soft / 4, 1024)) }
}
