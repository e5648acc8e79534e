import EADCore
import EADEngine
import EADMessages
import EADModels
import EADProtocol
import EADSampling
import EADTestKit
import Synchronization
import Testing

@testable import EADWorker

/// What the worker's engine thread does, over an engine that computes nothing.
struct GenerationWorkTests {
    static let shape = ModelShape(
        layers: 1, hidden: 8, feedForward: 8, heads: 2, keyValueHeads: 1, headSize: 4, vocabulary: 50,
        contextLength: 32, ropeBase: 10_000, normEpsilon: 1e-5, tiedEmbedding: true)

    static func request(_ slot: UInt32, prompt: Int = 2) -> GenerationRequest {
        GenerationRequest(
            id: GroupID(step: GlobalStep(0), slot: slot), promptTokens: Array(repeating: 7, count: prompt),
            samples: (0..<3).map {
                SampleSpecification(
                    key: SampleKey(seed: 3, purpose: .training, step: GlobalStep(0), problem: slot, sample: $0))
            },
            sampling: SamplingConfiguration(schedule: .constant(1), maxTokens: 5), step: GlobalStep(0), stopTokens: [0])
    }

    static let count = ParameterLayout(shape).count * Precision.f32.bytesPerParameter

    /// The engine of a worker with so many lanes, with version 4 of a policy of equal bytes.
    static func work(lanes: Int, policy: UInt8 = 1) throws -> GenerationWork {
        let mirror = PolicyMirror(PolicyBytes(count: Self.count))
        let work = GenerationWork(FakeGenerationEngine(Self.shape, lanes: lanes), mirror: mirror)
        try Self.install(4, of: policy, in: mirror, work)
        return work
    }

    static func install(
        _ version: UInt64, of policy: UInt8, in mirror: PolicyMirror, _ work: GenerationWork,
        keeping kept: Set<PolicyVersion> = []
    ) throws {
        mirror.write(SharedBytes([UInt8](repeating: policy, count: Self.count)), at: 0)
        try work.perform(.install(Self.manifest(version, Self.count), keeping: kept)) { event in
            guard case .installed = event else { return #expect(Bool(false), "\(event)") }
        }
    }

    static func manifest(_ version: UInt64, _ count: Int) -> PolicyManifest {
        PolicyManifest(
            version: PolicyVersion(version), precision: .f32, totalBytes: UInt64(count), chunkBytes: UInt32(count),
            chunkHashes: [[UInt8](repeating: 0, count: 32)], rootHash: [UInt8](repeating: 0, count: 32))
    }

    static func run(_ work: GenerationWork) throws -> [GeneratedGroup] {
        var groups: [GeneratedGroup] = []
        while try work.advance(report: { if case .sampled(let group) = $0 { groups.append(group) } }) {}
        return groups.sorted { $0.id < $1.id }
    }

    @Test func aGroupDoesNotDependOnTheLanesNorOnWhatElseIsSampled() throws {
        let one = try Self.work(lanes: 1)
        for slot in 0..<3 as Range<UInt32> { try one.perform(.generate(Self.request(slot), PolicyVersion(4))) { _ in } }
        let many = try Self.work(lanes: 8)
        try many.perform(.generate(Self.request(1), PolicyVersion(4))) { _ in }
        let groups = try Self.run(one)
        #expect(groups.map(\.id.slot) == [0, 1, 2] && groups.allSatisfy { $0.version == PolicyVersion(4) })
        #expect(try Self.run(many) == [groups[1]])
        let other = try Self.work(lanes: 8, policy: 2)
        try other.perform(.generate(Self.request(1), PolicyVersion(4))) { _ in }
        #expect(try Self.run(other) != [groups[1]])
    }

    @Test func aGroupKeepsThePolicyItBeganWithWhenAnotherIsInstalled() throws {
        let alone = try (1...2).map { policy in
            let work = try Self.work(lanes: 8, policy: UInt8(policy))
            for slot in 0..<2 as Range<UInt32> {
                try work.perform(.generate(Self.request(slot), PolicyVersion(4))) { _ in }
            }
            return try Self.run(work)
        }
        let mirror = PolicyMirror(PolicyBytes(count: Self.count))
        let work = GenerationWork(FakeGenerationEngine(Self.shape, lanes: 8), mirror: mirror)
        try Self.install(4, of: 1, in: mirror, work)
        try work.perform(.generate(Self.request(0), PolicyVersion(4))) { _ in }
        #expect(try work.advance { _ in })
        try Self.install(5, of: 2, in: mirror, work, keeping: [PolicyVersion(4)])
        try work.perform(.generate(Self.request(1), PolicyVersion(5))) { _ in }
        let groups = try Self.run(work)
        #expect(groups.map(\.version) == [PolicyVersion(4), PolicyVersion(5)])
        #expect(groups.map(\.samples) == [alone[0][0].samples, alone[1][1].samples])
    }

    @Test func aCancelledGroupIsNotReported() throws {
        let work = try Self.work(lanes: 2)
        for slot in 0..<2 as Range<UInt32> {
            try work.perform(.generate(Self.request(slot), PolicyVersion(4))) { _ in }
        }
        try work.perform(.cancel(Self.request(0).id)) { _ in }
        #expect(try Self.run(work).map(\.id.slot) == [1])
        #expect(work.counters.work.tokens > 0 && work.counters.work.passes > 0)
    }

    @Test func aRequestThatCannotBeServedIsRejected() throws {
        let work = try Self.work(lanes: 2)
        var rejected: [GroupID] = []
        try work.perform(.generate(Self.request(5, prompt: 30), PolicyVersion(4))) {
            if case .rejected(let id, _) = $0 { rejected.append(id) }
        }
        #expect(rejected == [Self.request(5).id])
    }
}
