/// The limits that control groups set, which processes of a container meet long before those of the machine.
package struct ControlGroup: Hashable, Sendable {
    /// Cores' worth of time; nil for no limit.
    package var cores: Double?
    /// Bytes; nil for no limit.
    package var memory: Int?
    /// Bytes that the group with the limit uses now.
    package var memoryUsed: Int

    package init(cores: Double? = nil, memory: Int? = nil, memoryUsed: Int = 0) {
        self.cores = cores
        self.memory = memory
        self.memoryUsed = memoryUsed
    }

    /// Where a process's groups are, from /proc/self/cgroup: under the unified hierarchy (v2), or under those of the
    /// `cpu` and `memory` controllers (v1).
    package struct Paths: Hashable, Sendable {
        /// Directories below /sys/fs/cgroup, the process's own first and then its parents.
        package var unified: [String] = []
        package var cpu: [String] = []
        package var memory: [String] = []

        package init(_ text: String) {
            for line in text.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
                guard parts.count == 3 else { continue }
                let chain = Self.chain(parts[2])
                if parts[1].isEmpty { self.unified = chain }
                let controllers = parts[1].split(separator: ",")
                if controllers.contains("cpu") { self.cpu = chain.map { "cpu\($0)" } }
                if controllers.contains("memory") { self.memory = chain.map { "memory\($0)" } }
            }
        }

        /// The path and its parents up to the root, which is the empty one.
        private static func chain(_ path: Substring) -> [String] {
            let names = path.split(separator: "/")
            return (0...names.count).reversed().map { names.prefix($0).map { "/\($0)" }.joined() }
        }
    }

    /// The smallest limits of a process's groups.
    ///
    /// - Parameter read: the contents of a file below /sys/fs/cgroup; nil when there is none.
    package init(_ paths: Paths, read: (String) -> String?) {
        self.init()
        func number(_ path: String) -> Int? { read(path).flatMap { Int($0.filter { !$0.isWhitespace }) } }
        func limit(cores: Double) { self.cores = min(self.cores ?? cores, cores) }
        func limit(memory: Int?, used: String) {
            // The first version has a number near 2^63 for no limit.
            guard let memory, memory < 1 << 60, memory < self.memory ?? .max else { return }
            (self.memory, self.memoryUsed) = (memory, number(used) ?? 0)
        }
        for path in paths.unified {
            let parts = (read("\(path)/cpu.max") ?? "").split(whereSeparator: \.isWhitespace).map { Double($0) }
            if parts.count == 2, let quota = parts[0], let period = parts[1], period > 0 {
                limit(cores: quota / period)
            }
            limit(memory: number("\(path)/memory.max"), used: "\(path)/memory.current")
        }
        for path in paths.cpu {
            if let quota = number("\(path)/cpu.cfs_quota_us"), let period = number("\(path)/cpu.cfs_period_us"),
                quota > 0, period > 0
            {
                limit(cores: Double(quota) / Double(period))
            }
        }
        for path in paths.memory {
            limit(memory: number("\(path)/memory.limit_in_bytes"), used: "\(path)/memory.usage_in_bytes")
        }
    }
}
