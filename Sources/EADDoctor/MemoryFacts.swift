/// The memory there is, in bytes.
package struct MemoryFacts: Hashable, Sendable {
    package var total: Int
    /// What new programs can have without swapping.
    package var available: Int
    package var group: ControlGroup

    package init(total: Int, available: Int, group: ControlGroup = ControlGroup()) {
        self.total = total
        self.available = available
        self.group = group
    }

    /// Reads /proc/meminfo; nil when it does not say.
    package init?(meminfo: String, group: ControlGroup = ControlGroup()) {
        func kilobytes(_ name: String) -> Int? {
            meminfo.split(separator: "\n").first { $0.hasPrefix(name + ":") }?
                .split(separator: " ").dropFirst().first.flatMap { Int($0) }
        }
        guard let total = kilobytes("MemTotal"), let available = kilobytes("MemAvailable") else { return nil }
        self.init(total: total * 1024, available: available * 1024, group: group)
    }

    /// What EAD can have: what is available, within the control group's limit.
    package var budget: Int {
        guard let limit = self.group.memory else { return self.available }
        return min(self.available, max(0, limit - self.group.memoryUsed))
    }

    package var check: Check {
        let limit =
            self.group.memory.map {
                "a control group limit of \(Quantity.bytes($0)), of which \(Quantity.bytes(self.group.memoryUsed)) used"
            } ?? "no control group limit"
        return Check(
            "memory", .ok,
            "\(Quantity.bytes(self.total)), \(Quantity.bytes(self.available)) available, \(limit)",
            values: [
                "total_bytes": Double(self.total), "available_bytes": Double(self.available),
                "budget_bytes": Double(self.budget),
            ])
    }

    /// Whether a process, or all processes of this host, will fit.
    package func fit(_ name: String, needs: Int, found: String, advice: String) -> Check {
        let outcome: Check.Outcome = needs > self.budget ? .fail : needs > self.budget / 10 * 9 ? .warn : .ok
        return Check(
            name, outcome, "\(found): \(Quantity.bytes(needs)) of \(Quantity.bytes(self.budget))",
            advice: outcome == .ok ? nil : (outcome == .fail ? "does not fit: " : "hardly fits: ") + advice,
            values: ["needed_bytes": Double(needs), "budget_bytes": Double(self.budget)])
    }

    /// What large pages are for: weights are walked with strides that small pages are bad at.
    /// - Parameter enabled: /sys/kernel/mm/transparent_hugepage/enabled; nil when there is none.
    package static func hugePages(enabled: String?) -> Check {
        let chosen = enabled.map { String($0.drop { $0 != "[" }.dropFirst().prefix { $0 != "]" }) }
        switch chosen {
        case "always"?, "madvise"?: return Check("huge pages", .ok, "transparent huge pages: \(chosen ?? "")")
        default:
            return Check(
                "huge pages", .warn, "transparent huge pages: \(chosen ?? "this kernel has none")",
                advice: "everything works, more slowly; as root: echo madvise > "
                    + "/sys/kernel/mm/transparent_hugepage/enabled")
        }
    }
}
