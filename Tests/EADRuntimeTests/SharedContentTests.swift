import EADMessages
import EADRuntime
import Foundation
import Testing

@Suite struct SharedContentTests {
    @Test func aProgramIsWhatItsFilesHoldWhereverTheyLie() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "ead-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }  // Nothing depends on its removal.
        func program(_ host: String, _ text: String) throws -> SharedContent? {
            let place = directory.appending(path: host)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: place.appending(path: "verify.py"))
            return try SharedContent.program(["python3", place.appending(path: "verify.py").path, "--strict"])
        }
        let one = try program("one", "print(1)")
        #expect(one?.name == "verifier")
        #expect(try program("two", "print(1)") == one)
        #expect(try program("two", "print(2)") != one)
        // What is found by PATH belongs to the host.
        #expect(try SharedContent.program(["python3", "-m", "verify"]) == nil)
        #expect(try SharedContent.program([]) == nil)
    }
}
