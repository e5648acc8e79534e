import Foundation

/// Runs `body` with the path of a new directory and removes it afterwards.
package func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("ead-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer {
        // A directory that cannot be removed is no reason to fail a test.
        try? FileManager.default.removeItem(at: url)
    }
    return try body(url.path)
}
