import Foundation
import Testing

/// docs/reliability.md names tests as evidence; each of them has to exist.
@Suite struct ReliabilityPageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The names in the last column of the tables whose head ends with `shown by`.
    private func claims() throws -> [String] {
        let page = try String(contentsOf: Self.root.appending(path: "docs/reliability.md"), encoding: .utf8)
        var isEvidence = false
        var names: [String] = []
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("|") else {
                isEvidence = false
                continue
            }
            if line.hasSuffix("| shown by |") { isEvidence = true }
            guard isEvidence, let cell = line.split(separator: "|").last else { continue }
            let parts = cell.split(separator: "`", omittingEmptySubsequences: false)
            names += parts.indices.filter { !$0.isMultiple(of: 2) }.map { String(parts[$0]) }
        }
        return names
    }

    @Test func everyTestNamedAsEvidenceExists() throws {
        let tests = Self.root.appending(path: "Tests")
        let files = try FileManager.default.subpathsOfDirectory(atPath: tests.path).filter { $0.hasSuffix(".swift") }
        let sources = try files.map { try String(contentsOf: tests.appending(path: $0), encoding: .utf8) }
        let claims = try self.claims()
        #expect(claims.count > 20)
        for claim in Set(claims) {
            #expect(sources.contains { $0.contains("func \(claim)(") }, "no test is called \(claim)")
        }
    }
}
