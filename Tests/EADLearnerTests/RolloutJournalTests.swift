import EADCore
import EADFiles
import EADLearner
import EADMessages
import EADProtocol
import EADTestKit
import Foundation
import Testing

@Suite struct RolloutJournalTests {
    typealias Bench = LearnerHarness

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "ead-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }  // Nothing depends on its removal.
        try body(directory.path)
    }

    private func file(_ directory: String, _ step: UInt64) -> URL {
        URL(filePath: RunLayout.journal(of: GlobalStep(step), in: directory))
    }

    @Test func groupsComeBackInTheOrderTheyWereAcceptedWithTheirRun() throws {
        try self.withDirectory { directory in
            let groups = [Bench.group(3, 1, attempt: 2), Bench.group(3, 0)]
            for group in groups {
                // Each append by a process of its own.
                try RolloutJournal(directory: directory).append(group, run: Bench.run)
            }
            let journal = try RolloutJournal(directory: directory)
            try journal.append(Bench.group(4, 0), run: Bench.run)
            let loaded = try journal.load(GlobalStep(3))
            #expect(loaded.held.rollouts == groups && loaded.held.run == Bench.run && loaded.cut == 0)
            #expect(try journal.load(GlobalStep(4)).held.rollouts == [Bench.group(4, 0)])
            #expect(try journal.load(GlobalStep(5)).held.groups.isEmpty)
        }
    }

    @Test func aGroupComesBackWithTheNameOfWhoeverSentIt() throws {
        try self.withDirectory { directory in
            let journal = try RolloutJournal(directory: directory)
            let received = ReceivedGroup(Bench.group(3, 0), from: NodeID("worker-7"))
            try journal.append(received, run: Bench.run)
            #expect(try journal.load(GlobalStep(3)).held.groups == [received])
        }
    }

    @Test func aGroupThatWasThrownOutDoesNotComeBackAndTheOneInItsPlaceDoes() throws {
        try self.withDirectory { directory in
            let journal = try RolloutJournal(directory: directory)
            let bad = Bench.group(3, 0, attempt: 2, token: 9)
            let discarded = DiscardedGroup(
                lease: LeaseID(group: bad.id, attempt: 2), sender: NodeID("liar"), reason: "other log-probabilities")
            try journal.append(Bench.group(3, 1), run: Bench.run)
            try journal.append(ReceivedGroup(bad, from: discarded.sender), run: Bench.run)
            try journal.append(discarded, run: Bench.run)
            let held = try journal.load(GlobalStep(3)).held
            #expect(held.rollouts == [Bench.group(3, 1)] && held.discarded == [discarded])
            try journal.append(Bench.group(3, 0, attempt: 3), run: Bench.run)
            let later = try RolloutJournal(directory: directory).load(GlobalStep(3))
            #expect(later.held.rollouts == [Bench.group(3, 1), Bench.group(3, 0, attempt: 3)])
            #expect(later.held.discarded == [discarded] && later.cut == 0)
        }
    }

    @Test func aGroupLongerThanUsualMessagesComesBack() throws {
        try self.withDirectory { directory in
            var group = Bench.group(3, 0)
            group.rollouts[0].trace = .filled([TokenID](repeating: 1, count: 250_000))
            let journal = try RolloutJournal(directory: directory)
            try journal.append(group, run: Bench.run)
            #expect(try Data(contentsOf: self.file(directory, 3)).count > EnvelopeCodec.usualLimit)
            let loaded = try journal.load(GlobalStep(3))
            #expect(loaded.cut == 0 && loaded.held.rollouts == [group])
        }
    }

    @Test func aTailTornAtAnyByteIsCutAndAppendingGoesOn() throws {
        try self.withDirectory { directory in
            let journal = try RolloutJournal(directory: directory)
            try journal.append(Bench.group(3, 0), run: Bench.run)
            let first = try Data(contentsOf: self.file(directory, 3)).count
            try journal.append(Bench.group(3, 1), run: Bench.run)
            let whole = try Data(contentsOf: self.file(directory, 3))
            for length in 0..<whole.count {
                try whole.prefix(length).write(to: self.file(directory, 3))
                let intact = length >= first ? 1 : 0
                let torn = try RolloutJournal(directory: directory)
                let loaded = try torn.load(GlobalStep(3))
                #expect(loaded.held.rollouts == Array([Bench.group(3, 0)].prefix(intact)))
                #expect(loaded.cut == length - intact * first)
                try torn.append(Bench.group(3, 1), run: Bench.run)
                #expect(try torn.load(GlobalStep(3)).held.groups.count == intact + 1)
            }
        }
    }

    @Test func aDamagedRecordEndsTheFile() throws {
        try self.withDirectory { directory in
            let journal = try RolloutJournal(directory: directory)
            try journal.append(Bench.group(3, 0), run: Bench.run)
            let first = try Data(contentsOf: self.file(directory, 3)).count
            try journal.append(Bench.group(3, 1), run: Bench.run)
            let whole = try Data(contentsOf: self.file(directory, 3))
            var random = SplitMix64(seed: 3)
            for _ in 0..<200 {
                var damaged = whole
                let bit = Int(random.next() % UInt64(8 * whole.count))
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                try damaged.write(to: self.file(directory, 3))
                let loaded = try journal.load(GlobalStep(3))
                #expect(loaded.held.rollouts == Array([Bench.group(3, 0)].prefix(bit / 8 < first ? 0 : 1)))
                #expect(try journal.load(GlobalStep(3)).cut == 0)
            }
        }
    }

    @Test func groupsOfAnotherRunOrStepAreNotMixedIn() throws {
        try self.withDirectory { directory in
            let journal = try RolloutJournal(directory: directory)
            let other = try #require(RunID(bytes: [UInt8](repeating: 8, count: 16)))
            try journal.append(Bench.group(3, 0), run: Bench.run)
            try journal.append(Bench.group(3, 1), run: other)
            #expect(try journal.load(GlobalStep(3)).held.rollouts == [Bench.group(3, 0)])
            try journal.append(Bench.group(4, 0), run: Bench.run)
            try FileManager.default.removeItem(at: self.file(directory, 3))
            try FileManager.default.moveItem(at: self.file(directory, 4), to: self.file(directory, 3))
            #expect(try RolloutJournal(directory: directory).load(GlobalStep(3)).held.groups.isEmpty)
        }
    }

    @Test func aCheckpointCoversTheStepsBeforeIt() throws {
        try self.withDirectory { directory in
            let journal = try RolloutJournal(directory: directory)
            for step in 2..<6 { try journal.append(Bench.group(UInt64(step), 0), run: Bench.run) }
            try Data().write(to: URL(filePath: directory + "/note.txt"))
            try journal.discard(before: GlobalStep(4))
            #expect(try journal.steps() == [GlobalStep(4), GlobalStep(5)])
            #expect(FileManager.default.fileExists(atPath: directory + "/note.txt"))
            try journal.append(Bench.group(5, 1), run: Bench.run)
            #expect(try journal.load(GlobalStep(5)).held.groups.count == 2)
            try journal.discard(before: GlobalStep(6))
            #expect(try journal.steps().isEmpty)
        }
    }

    @Test func aDirectoryThatCannotBeMadeIsNamed() throws {
        try self.withDirectory { directory in
            try Data().write(to: URL(filePath: directory))
            #expect {
                _ = try RolloutJournal(directory: directory)
            } throws: { error in
                (error as? FileError)?.path == directory && "\(error)".contains(directory)
            }
        }
    }
}
