import EADController
import EADCore
import EADFiles
import EADMessages
import EADProtocol
import Foundation
import Testing

@Suite struct RunSnapshotTests {
    private func withFile(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "ead-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }  // Nothing depends on its removal.
        try body(RunLayout(directory.path).snapshot)
    }

    private static let problems = SharedContent(name: "problems", hash: [UInt8](repeating: 3, count: 32))

    private var snapshot: RunSnapshot {
        var snapshot = RunSnapshot(run: ControllerHarness.run, configurationHash: "0aff")
        snapshot.step = GlobalStep(7)
        snapshot.lastEpoch = Epoch(12)
        snapshot.paused = true
        return snapshot
    }

    private func load(_ file: String, hash: [UInt8] = [0x0A, 0xFF]) throws -> RunSnapshot? {
        try RunSnapshot.load(file, configurationHash: hash, problems: Self.problems) {
            RoleFailure(.configuration, "\($0) is of another configuration")
        }
    }

    @Test func aSnapshotReadsBackAsItWas() throws {
        try self.withFile { file in
            #expect(try self.load(file) == nil)
            try self.snapshot.save(file)
            #expect(try self.load(file) == self.snapshot)
        }
    }

    @Test func aRunOfAnotherConfigurationIsNotResumed() throws {
        try self.withFile { file in
            try self.snapshot.save(file)
            #expect {
                try self.load(file, hash: [1])
            } throws: { error in
                (error as? RoleFailure)?.code == .configuration && "\(error)".contains("another configuration")
            }
        }
    }

    @Test func aRunOfOtherProblemsIsNotResumed() throws {
        try self.withFile { file in
            var snapshot = self.snapshot
            snapshot.contents = ["problems": [UInt8](repeating: 4, count: 32).hexadecimal]
            try snapshot.save(file)
            #expect {
                try self.load(file)
            } throws: { error in
                (error as? RoleFailure)?.code == .configuration
                    && "\(error)".contains("the file at task.path has changed")
            }
        }
    }

    @Test func aRunCanBeGivenMoreStepsAndNotFewerThanAreTrained() {
        func refusal(_ steps: UInt64) -> RoleFailure? {
            self.snapshot.refusal(of: RunPlan(steps: steps, evaluatesBefore: false, evaluatesAfter: false))
        }
        #expect(refusal(7) == nil && refusal(100) == nil)
        #expect(refusal(6)?.message.contains("run.steps is 6, but 7 steps") == true)
    }

    @Test func everyTruncationOfASnapshotIsReportedAsDamage() throws {
        try self.withFile { file in
            try self.snapshot.save(file)
            let whole = try Data(contentsOf: URL(filePath: file))
            for length in 0..<whole.count {
                try whole.prefix(length).write(to: URL(filePath: file))
                #expect("\(length) bytes") {
                    try self.load(file)
                } throws: { error in
                    (error as? RoleFailure)?.code == .data && "\(error)".contains(file)
                }
            }
        }
    }
}
