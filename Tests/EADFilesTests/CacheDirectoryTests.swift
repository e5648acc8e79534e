import EADFiles
import Foundation
import Testing

@Suite struct CacheDirectoryTests {
    @Test(arguments: [nil, "", "cache", "./cache"]) func aCacheHomeThatIsNotAbsoluteIsIgnored(caches: String?) {
        #expect(CacheDirectory(caches: caches, home: "/home/ada").path == "/home/ada/.cache/ead")
    }

    @Test func anAbsoluteCacheHomeCounts() {
        #expect(CacheDirectory(caches: "/c", home: "/home/ada").place(of: .problems) == "/c/ead/asdiv.jsonl")
    }

    /// `scripts/fetch-assets.sh` puts the files where this type looks for them.
    @Test(arguments: [nil, "", "cache", "/tmp/ead-cache"]) func theScriptThatFillsItAgrees(caches: String?) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "scripts/fetch-assets.sh")
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = [script.path, "--places"]
        var environment = ["HOME": "/home/ada", "PATH": "/usr/bin:/bin"]
        if let caches { environment["XDG_CACHE_HOME"] = caches }
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let cache = CacheDirectory(caches: caches, home: "/home/ada")
        let places = CacheDirectory.Asset.allCases.map { cache.place(of: $0) }
        #expect(process.terminationStatus == 0)
        #expect(Set(lines.split(separator: "\n").map { String($0) }) == Set(places))
    }
}
