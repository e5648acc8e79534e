import EADTestKit
import Foundation
import Testing

@Suite struct VersionTests {
    @Test(arguments: ["ead-controller", "ead-learner", "ead-worker", "ead-ctl"])
    func everyCommandSaysTheVersionThatTheChangelogBeginsWith(command: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let changelog = try String(contentsOf: root.appending(path: "CHANGELOG.md"), encoding: .utf8)
        let heading = try #require(changelog.split(separator: "\n").first { $0.hasPrefix("## ") })
        let number = try #require(heading.split(separator: " ").dropFirst().first)
        let process = Process()
        let output = Pipe()
        process.executableURL = ProcessCluster.binaries.appending(path: command)
        process.arguments = ["--version"]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(text.wholeMatch(of: /(\S+)( \([0-9a-f]{12}\+?\))?\n/)?.1 == number, "\(text)")
    }
}
