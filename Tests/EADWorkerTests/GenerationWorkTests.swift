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

    /// The engine of a worker with so many lanes, with version 4 of a policy of equal bytes.
    static func work(lanes: Int, policy: UInt8 = 1) throws -> GenerationWork {
        let count = ParameterLayout(Self.shape).count * Precision.f32.bytesPerParameter
        let work = GenerationWork(FakeGenerationEngine(Self.shape, lanes: lanes), parameters: PolicyBytes(count: count))
        let bytes = SharedBytes([UInt8](repeating: policy, count: count))
        try work.perform(.write(bytes, offset: 0)) { _ in }
        try work.perform(.install(Self.manifest(count))) { event in
            guard case .installed = event else { return #expect(Bool(false), "\(event)") }
        }
        return work
    }

    static func manifest(_ count: Int) -> PolicyManifest {
        PolicyManifest(
            version: PolicyVersion(4), precision: .f32, totalBytes: UInt64(count), chunkBytes: UInt32(count),
            chunkHashes: [[UInt8](repeating: 0, count: 32)], rootHash: [UInt8](repeating: 0, count: 32))
    }

    static func run(_ work: GenerationWork) throws -> [GeneratedGroup] {
        var groups: [GeneratedGroup] = []
        while try work.advance(report: { if case .sampled(let group) = $0 { groups.append(group) } }) {}
        return groups.sorted { $0.id < $1.id }
    }

    @Test func aGroupDoesNotDependOnTheLanesNorOnWhatElseIsSampled() throws {
        let one = try Self.work(lanes: 1)
        for slot in 0..<3 as Range<UInt32> { try one.perform(.generate(Self.request(slot))) { _ in } }
        let many = try Self.work(lanes: 8)
        try many.perform(.generate(Self.request(1))) { _ in }
        let groups = try Self.run(one)
        #expect(groups.map(\.id.slot) == [0, 1, 2] && groups.allSatisfy { $0.version == PolicyVersion(4) })
        #expect(try Self.run(many) == [groups[1]])
        let other = try Self.work(lanes: 8, policy: 2)
        try other.perform(.generate(Self.request(1))) { _ in }
        #expect(try Self.run(other) != [groups[1]])
    }

    @Test func aCancelledGroupIsNotReported() throws {
        let work = try Self.work(lanes: 2)
        for slot in 0..<2 as Range<UInt32> { try work.perform(.generate(Self.request(slot))) { _ in } }
        try work.perform(.cancel(Self.request(0).id)) { _ in }
        #expect(try Self.run(work).map(\.id.slot) == [1])
        #expect(work.counters.tokens.load(ordering: .relaxed) > 0)
    }

    @Test func aRequestThatCannotBeServedIsRejected() throws {
        let work = try Self.work(lanes: 2)
        var rejected: [GroupID] = []
        try work.perform(.generate(Self.request(5, prompt: 30))) {
            if case .rejected(let id, _) = $0 { rejected.append(id) }
        }
        #expect(rejected == [Self.request(5).id])
    }
}
