import EADCore
import Testing

@testable import EADDoctor

@Suite struct ExaminationTests {
    @Test func theWorstOutcomeCounts() {
        #expect(Examination().outcome == .ok)
        #expect(Examination([Check("a", .ok, ""), Check("b", .warn, "")]).outcome == .warn)
        let failed = Examination([Check("a", .fail, "x"), Check("b", .warn, "y"), Check("c", .ok, "z")])
        #expect(failed.outcome == .fail && failed.summary == "not ready: 1 failed, 1 to look at")
    }

    @Test func linesAreWrappedAndAdviceStandsBelow() {
        let examination = Examination([
            Check("cpu", .ok, "avx2"),
            Check("memory", .fail, "one two three four", advice: "buy some more of it"),
        ])
        #expect(
            examination.text(width: 26) == """
                ok    cpu     avx2
                fail  memory  one two
                              three four
                              -> buy some
                                 more of
                                 it
                """)
    }

    /// The longest texts there are, and names of nodes of any length aside, fit a screen.
    @Test func everyLineHasAtMostEightyColumns() {
        let shape = ModelShape(
            layers: 30, hidden: 576, feedForward: 1536, heads: 9, keyValueHeads: 3, headSize: 64, vocabulary: 49_152,
            contextLength: 8192, ropeBase: 1e5, normEpsilon: 1e-5, tiedEmbedding: true)
        let memory = MemoryFacts(
            total: 24_000_000_000, available: 23_000_000_000,
            group: ControlGroup(cores: 2, memory: 20_000_000_000, memoryUsed: 1_000_000_000))
        let endpoint = Endpoint(host: "learner.example.org", port: 17702)
        let examination = Examination([
            CPUFacts(model: "AMD EPYC 9B14", supported: ["portable", "avx2", "avx512"], forced: "avx2").check,
            CoreFacts(online: 64, allowed: 64, quota: 63.5).check(learner: 2, workers: [1, 1]),
            SpeedFacts(threads: 64, f32: 5e12, bf16: 1e13, memoryRead: 4e11).check, memory.check,
            MemoryFacts.hugePages(enabled: "[never]"),
            LibraryFacts(zmq: "4.3.4", protobufC: "1.4.1", hasCurve: false).check(needsCurve: true),
            ModelFacts(name: "SmolLM2 135M Instruct", shape: shape, parameters: 134_515_008).check,
            memory.fit("together", needs: 19_500_000_000, found: "all nodes of this host", advice: "use more hosts"),
            SpeedFacts.limits(precision: "bf16", decoding: [(1, 150), (8, 1200), (64, 3872)], training: 1293),
            DiskFacts(path: "runs/quickstart", free: 1_000_000_000, checkpoint: 1_600_000_000, kept: 2).check,
            PortFacts(node: NodeID("learner"), endpoint: endpoint, outcome: .unreachable("Connection refused")).check,
        ])
        for line in examination.text().split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }

    @Test func whatTheSystemSaidOfAnAddressIsJudged() {
        func outcome(_ outcome: PortFacts.Outcome) -> Check.Outcome {
            PortFacts(node: NodeID("learner"), endpoint: Endpoint(host: "10.0.0.1", port: 7), outcome: outcome).check
                .outcome
        }
        #expect([.free, .reachable].map(outcome) == [.ok, .ok])
        #expect([.inUse, .unreachable("no route")].map(outcome) == [.warn, .warn])
        #expect([.refused("not ours"), .unknownHost].map(outcome) == [.fail, .fail])
    }

    @Test func theDiskMustHoldTheCheckpoints() {
        func outcome(_ free: Int) -> Check.Outcome {
            DiskFacts(path: "runs", free: free, checkpoint: 100, kept: 2).check.outcome
        }
        #expect([300, 299, 100, 99].map(outcome) == [.ok, .warn, .warn, .fail])
    }

    @Test func encryptionIsNeededWhereTheFileAsksForIt() {
        let without = LibraryFacts(zmq: "4.3.4", protobufC: "1.4.1", hasCurve: false)
        #expect(without.check(needsCurve: true).outcome == .fail)
        #expect(without.check(needsCurve: false).outcome == .warn)
        let with = LibraryFacts(zmq: "4.3.4", protobufC: "1.4.1", hasCurve: true)
        #expect(with.check(needsCurve: true).outcome == .ok)
    }

    @Test func quantitiesAreShort() {
        #expect(Quantity.bytes(999_000_000) == "999 MB" && Quantity.bytes(3_340_000_000) == "3.3 GB")
        #expect(
            Quantity.rate(87.6) == "87" && Quantity.rate(12_946) == "12900"
                && Quantity.rate(.infinity) == "any number of")
        #expect(Quantity.giga(446.2e9) == "446" && Quantity.giga(31.25e9) == "31.3")
        #expect(Quantity.millions(134_515_008) == "134.5 M")
    }
}
