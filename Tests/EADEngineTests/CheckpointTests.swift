import EADCore
import EADEngine
import EADModels
import EADTestKit
import Foundation
import Testing

@Suite struct CheckpointTests {
    private static let layout = ParameterLayout(
        ModelShape(
            layers: 1, hidden: 8, feedForward: 12, heads: 2, keyValueHeads: 1, headSize: 4, vocabulary: 11,
            contextLength: 16, ropeBase: 10_000, normEpsilon: 1e-5, tiedEmbedding: false))

    /// Weights and moments that tell from where they come.
    private struct Contents: Equatable {
        var parameters: [Float]
        var first: [Float]
        var second: [Float]

        init(_ seed: Int) {
            let count = CheckpointTests.layout.count
            self.parameters = (0..<count).map { Float(seed) + Float($0) / 1024 }
            self.first = (0..<count).map { -Float(seed) - Float($0) / 2048 }
            self.second = (0..<count).map { Float(seed) * Float($0) }
        }

        @discardableResult
        func save(_ store: CheckpointStore, step: UInt64, notes: [String: String] = [:]) throws -> Checkpoint {
            try self.parameters.withUnsafeBytes { parameters in
                try self.first.withUnsafeBytes { first in
                    try self.second.withUnsafeBytes { second in
                        try store.save(
                            CheckpointTests.state(step, notes), parameters: ByteSource(parameters),
                            firstMoments: ByteSource(first), secondMoments: ByteSource(second))
                    }
                }
            }
        }

        mutating func restore(
            _ store: CheckpointStore, _ layout: ParameterLayout = CheckpointTests.layout
        ) throws -> CheckpointStore.Found? {
            try self.parameters.withUnsafeMutableBufferPointer { parameters in
                try self.first.withUnsafeMutableBufferPointer { first in
                    try self.second.withUnsafeMutableBufferPointer { second in
                        try store.restore(layout, parameters: parameters, firstMoments: first, secondMoments: second)
                    }
                }
            }
        }
    }

    private static let run = RunID(bytes: 0..<16)

    private static func state(_ step: UInt64, _ notes: [String: String]) throws -> CheckpointState {
        CheckpointState(
            step: GlobalStep(step), updates: step * 2, run: try #require(Self.run), configurationHash: "c0ffee",
            shape: Self.layout.shape, notes: notes)
    }

    private func withStore(keep: Int = 3, _ body: (CheckpointStore) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let store = CheckpointStore(directory: directory + "/checkpoints", keep: keep)
            try store.prepare()
            try body(store)
        }
    }

    private func names(_ store: CheckpointStore) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: store.directory).sorted()
    }

    /// Changes one byte of a file, counted from its end.
    private func flip(_ path: String, fromEnd: Int = 1) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count - fromEnd] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    @Test func whatIsSavedComesBackToTheBit() throws {
        try self.withStore { store in
            let saved = Contents(5)
            try saved.save(store, step: 12, notes: ["cursor": "epoch 3 of \"ASDiv\"\n"])
            #expect(try self.names(store) == ["step-000012"])
            var restored = Contents(0)
            let found = try #require(try restored.restore(store))
            #expect(restored == saved)
            let state = try Self.state(12, ["cursor": "epoch 3 of \"ASDiv\"\n"])
            #expect(found.checkpoint.state == state)
            #expect(found.broken.isEmpty)
            let latest = try #require(try store.latest())
            #expect(latest.checkpoint == found.checkpoint)
        }
    }

    @Test func anEmptyStoreHasNothingToRestore() throws {
        try self.withStore { store in
            let found = try store.latest()
            #expect(found == nil)
            let absent = CheckpointStore(directory: store.directory + "/absent", keep: 1)
            let none = try absent.latest()
            #expect(none == nil)
        }
    }

    @Test func onlyTheNewestAreKept() throws {
        try self.withStore(keep: 2) { store in
            for step in [1, 2, 3, 999_999, 1_000_000] as [UInt64] { try Contents(Int(step)).save(store, step: step) }
            #expect(try self.names(store) == ["step-1000000", "step-999999"])
            #expect(try store.latest()?.checkpoint.state.step == GlobalStep(1_000_000))
        }
    }

    @Test(arguments: ["model.safetensors", "optimizer.safetensors", "state.json", "SHA256SUMS"])
    func aDamagedCheckpointIsPassedOverAndReported(file: String) throws {
        try self.withStore { store in
            let good = Contents(1)
            try good.save(store, step: 1)
            let path = try Contents(2).save(store, step: 2).path + "/" + file
            let intact = try Data(contentsOf: URL(fileURLWithPath: path))
            let damages: [(String) throws -> Void] = [
                { try self.flip($0) },
                { try self.flip($0, fromEnd: intact.count / 2) },
                { try self.flip($0, fromEnd: intact.count - min(80, intact.count / 3)) },
                { try intact.dropLast(3).write(to: URL(fileURLWithPath: $0)) },
                { try (intact + Data([10])).write(to: URL(fileURLWithPath: $0)) },
                { try Data().write(to: URL(fileURLWithPath: $0)) },
                { try FileManager.default.removeItem(atPath: $0) },
            ]
            for (index, damage) in damages.enumerated() where !(file == "SHA256SUMS" && index == 4) {
                try damage(path)
                var restored = Contents(0)
                let found = try #require(try restored.restore(store), "damage \(index)")
                #expect(restored == good)
                #expect(found.checkpoint.state.step == GlobalStep(1))
                #expect(found.broken.count == 1)
                #expect(try store.latest()?.checkpoint == found.checkpoint)
                #expect(try self.names(store) == ["step-000001", "step-000002"])
                try intact.write(to: URL(fileURLWithPath: path))
            }
        }
    }

    @Test func whenNoneCanBeUsedTheRunMustNotBeginAgainInSilence() throws {
        try self.withStore { store in
            for step in 1...2 as ClosedRange<UInt64> {
                try self.flip(try Contents(1).save(store, step: step).path + "/model.safetensors")
            }
            #expect(try #require(throws: CheckpointError.self) { try store.latest() }.code == .damaged)
            var restored = Contents(0)
            #expect(throws: CheckpointError.self) { try restored.restore(store) }
        }
    }

    @Test func anIntactCheckpointIsNotRemovedForABrokenOne() throws {
        try self.withStore(keep: 2) { store in
            try Contents(1).save(store, step: 1)
            let broken = try Contents(2).save(store, step: 2).path
            try Data().write(to: URL(fileURLWithPath: broken + "/optimizer.safetensors"))
            try Contents(3).save(store, step: 3)
            #expect(try self.names(store) == ["step-000001", "step-000002", "step-000003"])
            try Contents(4).save(store, step: 4)
            #expect(try self.names(store) == ["step-000002", "step-000003", "step-000004"])
        }
    }

    @Test func aStepTrainedAgainReplacesItsCheckpoint() throws {
        try self.withStore { store in
            try Contents(1).save(store, step: 7)
            let second = Contents(2)
            try second.save(store, step: 7)
            #expect(try self.names(store) == ["step-000007"])
            var restored = Contents(0)
            _ = try restored.restore(store)
            #expect(restored == second)
        }
    }

    @Test func leftoversOfADeadWriterAreClearedAway() throws {
        try self.withStore { store in
            let saved = Contents(3)
            let path = try saved.save(store, step: 3).path
            // Died while writing step 4.
            try FileManager.default.createDirectory(
                atPath: store.directory + "/step-000004.tmp-0badcafe", withIntermediateDirectories: false)
            // Died after it had put the new step 3 in place of the old.
            try FileManager.default.copyItem(atPath: path, toPath: path + ".old-1")
            try FileManager.default.createDirectory(
                atPath: store.directory + "/mine", withIntermediateDirectories: false)
            try store.prepare()
            #expect(try self.names(store) == ["mine", "step-000003"])
            // Died when the old step 3 was moved aside and the new one not yet in place.
            try FileManager.default.moveItem(atPath: path, toPath: path + ".old-2")
            try store.prepare()
            #expect(try self.names(store) == ["mine", "step-000003"])
            var restored = Contents(0)
            _ = try restored.restore(store)
            #expect(restored == saved)
        }
    }

    @Test func aCheckpointOfAnotherModelIsRefusedNotPassedOver() throws {
        try self.withStore { store in
            try Contents(1).save(store, step: 1)
            var shape = Self.layout.shape
            shape.ropeBase = 500
            var restored = Contents(0)
            let error = try #require(throws: CheckpointError.self) {
                try restored.restore(store, ParameterLayout(shape))
            }
            #expect(error.code == .otherModel)
        }
    }

    @Test func aFailedSaveLeavesTheCheckpointsBeforeAndNoLeftovers() throws {
        try self.withStore { store in
            try Contents(1).save(store, step: 1)
            let file = store.directory + "/blocked"
            try Data().write(to: URL(fileURLWithPath: file))
            let inFile = CheckpointStore(directory: file, keep: 1)
            let error = try #require(throws: CheckpointError.self) { try Contents(2).save(inFile, step: 2) }
            #expect(error.code == .unwritable)
            let absent = CheckpointStore(directory: store.directory + "/absent", keep: 1)
            #expect(
                try #require(throws: CheckpointError.self) { try Contents(2).save(absent, step: 2) }.code == .unwritable
            )
            #expect(throws: CheckpointError.self) { try inFile.prepare() }
            try FileManager.default.removeItem(atPath: file)
            #expect(try self.names(store) == ["step-000001"])
            #expect(try store.latest()?.checkpoint.state.step == GlobalStep(1))
        }
    }
}
