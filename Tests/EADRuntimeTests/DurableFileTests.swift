import EADCore
import EADRuntime
import Foundation
import Testing

@Suite struct DurableFileTests {
    private func withDirectory(_ body: (URL) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "ead-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }  // Nothing depends on its removal.
        try body(directory)
    }

    @Test func aFileIsReplacedWholeAndNothingElseIsLeft() throws {
        try self.withDirectory { directory in
            let file = directory.appending(path: "state")
            for contents in [Data(), Data("first".utf8), Data(repeating: 7, count: 3 << 20), Data("x".utf8)] {
                try DurableFile.replace(file, with: contents)
                #expect(try Data(contentsOf: file) == contents)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["state"])
        }
    }

    @Test func whatADeadWriterLeftBehindDoesNotMatter() throws {
        try self.withDirectory { directory in
            let file = directory.appending(path: "state")
            try Data("old".utf8).write(to: file)
            try Data("a torn and longer contents".utf8).write(to: directory.appending(path: "state.tmp"))
            try DurableFile.replace(file, with: Data("new".utf8))
            #expect(try Data(contentsOf: file) == Data("new".utf8))
        }
    }

    @Test func aFailureNamesThePathAndLeavesTheOldFile() throws {
        try self.withDirectory { directory in
            let file = directory.appending(path: "state")
            try Data("old".utf8).write(to: file)
            // The temporary file cannot be created where a directory has its name.
            try FileManager.default.createDirectory(
                at: directory.appending(path: "state.tmp"), withIntermediateDirectories: false)
            #expect {
                try DurableFile.replace(file, with: Data("new".utf8))
            } throws: { error in
                (error as? RoleFailure)?.code == .io && "\(error)".contains("state.tmp")
            }
            #expect(try Data(contentsOf: file) == Data("old".utf8))
            #expect(throws: RoleFailure.self) { try DurableFile.flushDirectory(directory.appending(path: "absent")) }
        }
    }
}
