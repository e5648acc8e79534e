package import EADCore
import Foundation

/// A program of the host that is given a text to read.
package struct Subprogram {
    private let words: [String]

    package init(_ words: [String]) { self.words = words }

    /// Runs it to its end, with this process's output.
    /// - Returns: Its exit status; 128 + signal when it was killed.
    /// - Throws: `RoleFailure` when it is not there.
    package func run(reading text: String) throws(RoleFailure) -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = self.words
        // A file, not a pipe: nobody minds where a program stops reading.
        let place = FileManager.default.temporaryDirectory.appending(path: "ead-ctl-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }
        do {
            try Data(text.utf8).write(to: place, options: .withoutOverwriting)
            process.standardInput = try FileHandle(forReadingFrom: place)
            try process.run()
        } catch {
            throw RoleFailure(.software, "\(self.words[0]) cannot be started: \(error)")
        }
        process.waitUntilExit()
        guard process.terminationReason == .exit else { return 128 + process.terminationStatus }
        guard process.terminationStatus != 127 else {
            throw RoleFailure(
                .unavailable, "\(self.words[0]) is not installed here; --dry-run prints what it would be given")
        }
        return process.terminationStatus
    }
}
