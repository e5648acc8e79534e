package import EADDoctor
import EADFiles
import EADTransformer
import Foundation

/// Reads what the system says about this host.
package struct HostProbe {
    package let cores: CoreFacts
    /// Nil where the system does not say.
    let memory: MemoryFacts?

    package init() {
        let groups = ControlGroup.Paths(Self.text("/proc/self/cgroup") ?? "")
        let group = ControlGroup(groups) { Self.text("/sys/fs/cgroup/" + $0) }
        let mask = (Self.text("/proc/self/status") ?? "").split(separator: "\n")
            .first { $0.hasPrefix("Cpus_allowed_list:") }?.split(separator: ":").last
        let online = ProcessInfo.processInfo.processorCount
        self.cores = CoreFacts(
            online: online,
            allowed: mask.flatMap { CoreFacts.count(cpuList: String($0)) } ?? online, quota: group.cores,
            load: (Self.text("/proc/loadavg") ?? "").split(separator: " ").first.flatMap { Double($0) } ?? 0)
        self.memory = MemoryFacts(meminfo: Self.text("/proc/meminfo") ?? "", group: group)
    }

    static var cpu: CPUFacts {
        CPUFacts(
            model: CPUFacts.model(cpuinfo: Self.text("/proc/cpuinfo") ?? ""),
            supported: CPUVariant.supported.map(\.rawValue),
            forced: ProcessInfo.processInfo.environment["EAD_CPU_VARIANT"])
    }

    static var hugePages: String? { self.text("/sys/kernel/mm/transparent_hugepage/enabled") }

    /// Bytes this user can still write where `path` is or will be; nil when the system does not say.
    static func free(at path: String) -> Int? {
        var url = URL(filePath: path).standardizedFileURL
        while !FileManager.default.fileExists(atPath: url.path), url.path != "/" { url.deleteLastPathComponent() }
        return try? FileTree.freeBytes(at: url.path)
    }

    /// The contents of a file; nil when there is none, as on other kernels.
    private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
