import EADConfiguration
package import EADDoctor
import EADMessages
import EADTransformer
import EADTransport

/// What concerns the host whatever model it runs, measured once.
package struct HostExamination {
    let probe = HostProbe()
    let peaks: MachinePeaks

    /// Measures for about a second; `say` is told what.
    package init(say: (String) -> Void) {
        // A host with little memory is measured with a share of it.
        let memory = min(512 << 20, max(32 << 20, (self.probe.memory?.budget ?? 0) / 4))
        self.peaks = MachinePeaks.measure(threads: self.probe.cores.usable, memory: memory) { say("measuring \($0)") }
    }

    /// - Parameter nodes: Those of a cluster file that run here; nil without one.
    package func checks(_ nodes: LocalNodes?) -> [Check] {
        let speed = SpeedFacts(
            threads: self.probe.cores.usable, f32: self.peaks.f32, bf16: self.peaks.bf16,
            memoryRead: self.peaks.memoryRead)
        let libraries = LibraryFacts(
            zmq: TransportLibrary.version, protobufC: MessagesLibrary.version, hasCurve: TransportLibrary.hasCurve)
        let memory =
            self.probe.memory?.check
            ?? Check("memory", .warn, "unknown: /proc/meminfo does not say", advice: "mount /proc")
        return [
            HostProbe.cpu.check,
            self.probe.cores.check(
                learner: nodes?.learner?.threads, workers: nodes?.workers.map(\.threads) ?? []),
            speed.check, memory,
            DescriptorFacts(
                limit: DescriptorLimit.attainable, connections: nodes.map { $0.configuration.nodes.count }
            ).check,
            MemoryFacts.hugePages(enabled: HostProbe.hugePages),
            libraries.check(needsCurve: nodes?.configuration.security.mode == .curve),
        ]
    }
}
