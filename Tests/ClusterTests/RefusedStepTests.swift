import EADCore
import EADFiles
import EADRuntime
import EADTestKit
import Foundation
import Glibc
import Testing

extension ClusterTests {
    /// A step that does not lead to a policy ends with a sentence, and with the policy before it.
    @Suite struct RefusedStepTests {
        /// A moment near the end of the range of numbers makes the next update's weight infinite.
        @Test func aStepWhoseWeightsOverflowIsRefusedAndThePolicyBeforeItIsKept() async throws {
            let outcome = try await ProcessCluster.with { cluster in
                let others = try ["controller", "worker-1"].map { try cluster.start($0) }
                let first = try cluster.start("learner")
                try await cluster.wait(for: "step 1") { try cluster.rootHashes()[1] != nil }
                first.signal(SIGTERM)
                #expect(try await cluster.ending(of: first) == .exited(0))
                let step = try cluster.newestCheckpoint()
                #expect(2..<cluster.settings.steps ~= step)
                let weights = try cluster.weights(after: step)
                let sound = try cluster.overflowMoment(after: step)

                // Started again after the first refusal it comes to the same end.
                for _ in 0..<2 {
                    let learner = try cluster.start("learner")
                    #expect(try await cluster.ending(of: learner) == .exited(65))
                    #expect(try cluster.newestCheckpoint() == step && cluster.weights(after: step) == weights)
                    #expect(try cluster.rootHashes()[step] == nil)
                }
                let said = "step \(step) is refused: model.norm.weight holds NaN or infinity (weights after update"
                let log = cluster.log(of: "learner")
                #expect(log.components(separatedBy: "error: \(said)").count == 3, "\(log)")
                let waiting = try await cluster.waitForStatus("the reason") { status in
                    status.waitingFor.contains(said) ? status.waitingFor : nil
                }
                #expect(waiting.contains("the learner to join; learner failed: ") && waiting.contains("is kept in "))
                // Told to leave once; and with its last words twice, for it is a member while it trains its journal again.
                #expect(try cluster.events("left", of: "learner").count == 3)

                try sound.restore()
                let last = try cluster.start("learner")
                try await cluster.waitForSuccess(others + [last])
                return try Outcome(cluster)
            }
            #expect(try await outcome == CalmRun.shared.outcome())
        }

        @Test func aWorkerWhoseLogitsAreNotFiniteEndsAndSaysWhere() async throws {
            try await ProcessCluster.with { cluster in
                try cluster.overflowFinalNorm()
                for node in ["controller", "learner"] { try cluster.start(node) }
                let worker = try cluster.start("worker-1")
                #expect(try await cluster.ending(of: worker) == .exited(65))
                let said = "logits holds NaN or infinity (first in the output of model.norm, policy version 0"
                #expect(cluster.log(of: "worker-1").contains("error: \(said)"), "\(cluster.log(of: "worker-1"))")
                _ = try await cluster.waitForStatus("the reason") { status in
                    status.waitingFor.contains("a worker to join; worker-1 failed: \(said)") ? true : nil
                }
                #expect(try cluster.rootHashes().isEmpty)
            }
        }
    }
}

/// Two files of a checkpoint as they were.
private struct SoundMoments {
    let files: [URL: Data]

    func restore() throws { for (url, data) in self.files { try data.write(to: url) } }
}

extension ProcessCluster {
    private func checkpoint(_ step: Int) -> URL {
        URL(filePath: self.layout.checkpoint(of: GlobalStep(UInt64(step))).path)
    }

    /// Makes the final norm of the model file huge, and finite still.
    fileprivate func overflowFinalNorm() throws {
        let file = self.directory.appending(path: "tiny.gguf")
        let model = try TinyModel.write(
            to: file.path, layers: 2, hidden: 128, feedForward: 256, contextLength: 1024, seed: 3)
        func bytes(_ values: [Float]) -> Data {
            Data(values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } })
        }
        let values = try #require(model.tensors.first { $0.name == "model.norm.weight" }).values
        var data = try Data(contentsOf: file)
        let place = try #require(data.range(of: bytes(values)))
        data.replaceSubrange(place, with: bytes(values.map { _ in 3e38 }))
        try data.write(to: file)
    }

    fileprivate func newestCheckpoint() throws -> Int {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: self.layout.checkpoints)
        return try #require(names.compactMap { Int($0.dropFirst("step-".count)) }.max())
    }

    /// Writes a huge number, finite still, over a moment in a checkpoint, with a matching hash; returns what was there.
    fileprivate func overflowMoment(after step: Int) throws -> SoundMoments {
        struct Tensor: Decodable {
            var data_offsets: [Int]?
        }
        let file = self.checkpoint(step).appending(path: "optimizer.safetensors")
        let sums = self.checkpoint(step).appending(path: "SHA256SUMS")
        var data = try Data(contentsOf: file)
        let list = try String(contentsOf: sums, encoding: .utf8)
        let sound = SoundMoments(files: [file: data, sums: Data(list.utf8)])
        let length = (0..<8).reduce(0) { $0 | Int(data[$1]) << (8 * $1) }
        let header = try JSONDecoder().decode([String: Tensor].self, from: data[8..<8 + length])
        let place = 8 + length + (try #require(header["exp_avg.model.norm.weight"]?.data_offsets?.first))
        let huge = withUnsafeBytes(of: Float(3e38).bitPattern.littleEndian) { Array($0) }
        func digest(_ data: Data) -> String {
            data.withUnsafeBytes { PolicyHashes.hash($0) }
                .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        let before = digest(data)
        #expect(list.contains(before))
        data.replaceSubrange(place..<place + 4, with: huge)
        try data.write(to: file)
        try Data(list.replacingOccurrences(of: before, with: digest(data)).utf8).write(to: sums)
        return sound
    }
}
