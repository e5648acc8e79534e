/// Which kernels this CPU runs.
package struct CPUFacts: Hashable, Sendable {
    /// The CPU as it calls itself; empty when it does not.
    package var model: String
    /// The variants it can run, slowest first.
    package var supported: [String]
    /// What EAD_CPU_VARIANT says; nil when it is not set.
    package var forced: String?

    package init(model: String, supported: [String], forced: String?) {
        self.model = model
        self.supported = supported
        self.forced = forced
    }

    /// The `model name` of /proc/cpuinfo; empty without one.
    package static func model(cpuinfo: String) -> String {
        let line = cpuinfo.split(separator: "\n").first { $0.hasPrefix("model name") }
        guard let value = line?.split(separator: ":", maxSplits: 1).last else { return "" }
        return value.split(separator: " ").joined(separator: " ")
    }

    package var check: Check {
        let best = self.supported.last ?? "none"
        let others = self.supported.dropLast().reversed().joined(separator: ", ")
        let name = self.model.isEmpty ? "" : "; \(self.model)"
        if let forced = self.forced {
            guard self.supported.contains(forced) else {
                return Check(
                    "cpu", .fail, "EAD_CPU_VARIANT=\(forced) is not one this CPU runs\(name)",
                    advice: "unset it, or set one of \(self.supported.joined(separator: ", "))")
            }
            return Check(
                "cpu", forced == best ? .ok : .warn, "\(forced), forced by EAD_CPU_VARIANT\(name)",
                advice: forced == best ? nil : "unset it: \(best) gives the same bits faster")
        }
        let choice = others.isEmpty ? best : "\(best), or by EAD_CPU_VARIANT \(others)"
        guard best == "portable" else { return Check("cpu", .ok, choice + name) }
        return Check(
            "cpu", .warn, choice + name, advice: "correct and slow: CPUs with AVX2 or AVX-512 give the same bits faster"
        )
    }
}
