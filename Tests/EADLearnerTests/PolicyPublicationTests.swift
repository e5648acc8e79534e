import EADCore
import EADEngine
import EADMessages
import EADModels
import EADPolicyDelta
import EADProtocol
import EADRuntime
import EADTelemetry
import EADTestKit
import Testing

@testable import EADLearner

/// Versions one after the other, of an engine that computes nothing.
struct PolicyPublicationTests {
    private func engine(_ precision: Precision, seed: UInt64) throws -> FakeTrainingEngine {
        var dice = SplitMix64(seed: seed)
        let shape = TinyModel().shape
        let parameters = (0..<ParameterLayout(shape).count).map { _ in Float.random(in: -1...1, using: &dice) }
        return try parameters.withUnsafeBufferPointer {
            try FakeTrainingEngine(shape, ComputeConfiguration(precision: precision, threads: 1), parameters: $0)
        }
    }

    private func update(_ engine: FakeTrainingEngine, rate: Float) throws {
        engine.zeroGradients()
        let group = RolloutGroup(
            id: GroupID(step: GlobalStep(0), slot: 0), attempt: 1, policyVersion: PolicyVersion(0), problem: 0,
            promptTokens: [1, 2],
            rollouts: [
                Rollout(trace: .filled([3, 4, 5]), finish: .stopToken, verdict: Verdict(reward: 1, strictReward: 1))
            ])
        try engine.accumulate(TokenBatch([group]), withEntropies: false) { logProbs, _ in
            TokenCoefficients(logProbs: logProbs.map { _ in 1 })
        }
        _ = try engine.update(OptimizerConfiguration(learningRate: rate))
    }

    private func bytes(_ engine: FakeTrainingEngine) -> [UInt8] {
        var bytes = [UInt8](
            repeating: 0, count: engine.layout.count * engine.configuration.precision.bytesPerParameter)
        bytes.withUnsafeMutableBytes { engine.exportPolicy(into: $0) }
        return bytes
    }

    @Test func eachVersionIsTheLastOneAndItsDelta() throws {
        let engine = try self.engine(.bf16, seed: 3)
        var publication = PolicyPublication()
        let first = publication.write(engine, as: PolicyVersion(0))
        #expect(first.delta == nil && first.bytes.array == self.bytes(engine))
        var last = (manifest: first.manifest, bytes: first.bytes.array)
        for version in 1...5 as ClosedRange<UInt64> {
            try self.update(engine, rate: 0.01)
            let next = publication.write(engine, as: PolicyVersion(version))
            #expect(next.bytes.array == self.bytes(engine))
            let whole = next.bytes.withUnsafeBytes {
                PolicyHashes.manifest(of: $0, version: PolicyVersion(version), precision: .bf16)
            }
            #expect(next.manifest == whole)
            let delta = try #require(next.delta)
            #expect(delta.description.base == last.manifest.held && delta.description.version == PolicyVersion(version))
            let changed = zip(last.bytes, next.bytes.array).contains { $0 != $1 }
            #expect(changed && next.metrics[\.weightsChangedShare] ?? 0 > 0)
            #expect(next.metrics[\.deltaBytes] == Double(delta.bytes.count))
            let codec = DeltaCodec(chunkBytes: PolicyManifest.maximumChunkBytes)
            try delta.bytes.withUnsafeBytes { bytes in
                let blocks = try DeltaCodec.blocks(of: bytes, count: 1)
                try last.bytes.withUnsafeMutableBytes {
                    try codec.apply(UnsafeRawBufferPointer(rebasing: bytes[blocks[0]]), to: $0)
                }
            }
            #expect(last.bytes == next.bytes.array)
            last = (next.manifest, next.bytes.array)
        }
    }

    @Test func aVersionSomebodyStillHasIsNotWrittenOver() throws {
        let engine = try self.engine(.bf16, seed: 4)
        var publication = PolicyPublication()
        let first = publication.write(engine, as: PolicyVersion(0))
        let copy = first.bytes.array
        try self.update(engine, rate: 0.01)
        let second = publication.write(engine, as: PolicyVersion(1))
        #expect(first.bytes.array == copy && second.bytes.array != copy && second.delta != nil)
    }

    @Test func aVersionThatChangedTooMuchOrDoesNotFollowHasNoDelta() throws {
        let engine = try self.engine(.bf16, seed: 5)
        var publication = PolicyPublication()
        _ = publication.write(engine, as: PolicyVersion(0))
        #expect(publication.write(engine, as: PolicyVersion(7)).delta == nil, "a version was left out")
        let other = try self.engine(.bf16, seed: 6)
        #expect(publication.write(other, as: PolicyVersion(8)).delta == nil, "every weight is another one")
        #expect(publication.write(other, as: PolicyVersion(9)).delta != nil)
    }

    @Test func weightsOf32BitsHaveNoDeltas() throws {
        let engine = try self.engine(.f32, seed: 5)
        var publication = PolicyPublication()
        _ = publication.write(engine, as: PolicyVersion(0))
        let next = publication.write(engine, as: PolicyVersion(1))
        #expect(next.delta == nil && next.metrics.isEmpty && next.bytes.array == self.bytes(engine))
    }
}
