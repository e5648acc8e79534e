/// How many cores this process may use.
package struct CoreFacts: Hashable, Sendable {
    /// In the machine.
    package var online: Int
    /// In the affinity mask.
    package var allowed: Int
    /// Cores' worth of time that the control group grants; nil for no limit.
    package var quota: Double?

    /// Programs that wanted to compute in the last minute, on average.
    package var load: Double

    package init(online: Int, allowed: Int, quota: Double?, load: Double = 0) {
        self.online = online
        self.allowed = allowed
        self.quota = quota
        self.load = load
    }

    /// Threads that can compute at the same time without being held up, at least 1.
    package var usable: Int {
        guard let quota = self.quota else { return max(1, self.allowed) }
        return max(1, min(self.allowed, Int(min(quota, 1e6))))
    }

    /// The number of CPUs in a list of the kernel's, such as `0-3,8`; nil when it is none.
    package static func count(cpuList: String) -> Int? {
        var count = 0
        for part in cpuList.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, 0 <= first, first <= last
            else { return nil }
            count += last - first + 1
        }
        return count > 0 ? count : nil
    }

    /// - Parameters:
    ///   - learner: Threads of the learner that will run here; nil for none.
    ///   - workers: Threads of each worker that will run here.
    package func check(learner: Int?, workers: [Int]) -> Check {
        let quota = self.quota.map { "quota \(Quantity.tenths($0))" } ?? "no quota"
        // A synchronous run samples and trains by turns.
        let (trains, samples) = (learner ?? 0, workers.reduce(0, +))
        let most = max(trains, samples)
        var found = "\(self.usable) usable (\(self.online) online, \(self.allowed) in the affinity mask, \(quota))"
        if most > 0 { found += "; threads: learner \(trains), workers \(samples)" }
        let values = [
            "usable": Double(self.usable), "online": Double(self.online), "allowed": Double(self.allowed),
            "load": self.load,
        ]
        if most > self.usable {
            return Check(
                "cores", .warn, found,
                advice: "give at most \(self.usable) threads to the learner and to all workers of this host (threads:)",
                values: values)
        }
        if self.load > Double(self.usable) / 2 {
            return Check(
                "cores", .warn, found + ", load \(Quantity.tenths(self.load))",
                advice: "other programs compute here: peaks and limits are lower than the machine's", values: values)
        }
        let idle = "\(self.usable - most) idle: raise threads: in the cluster file"
        return Check("cores", .ok, found, advice: 0 < most && most < self.usable ? idle : nil, values: values)
    }
}
