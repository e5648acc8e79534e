import EADEnvironments
import Foundation
import Testing

/// docs/verifiers.md has a row for every kind, as the kind's own file words it.
@Suite struct VerifierPageTests {
    @Test func theTableOfTheDocumentationIsThatOfTheKinds() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/verifiers.md"), encoding: .utf8)
        let table = EnvironmentKind.allCases.map { kind in
            "| `\(kind.rawValue)` | \(kind.row.reads) | \(kind.row.rightIf) | \(kind.row.strictIf) |\n"
        }
        let head = "| verifier | what is read | right if | strict if also |\n|---|---|---|---|\n"
        #expect(page.contains(head + table.joined() + "\n"), "the table should be\n\(head)\(table.joined())")
    }

    @Test func everyKindThatAFileDeclaresIsInTheList() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/EADEnvironments")
        let files = try FileManager.default.subpathsOfDirectory(atPath: sources.path).filter { $0.hasSuffix(".swift") }
        let declared = try files.map {
            try String(contentsOf: sources.appending(path: $0), encoding: .utf8)
        }.flatMap { $0.matches(of: #/static let (\w+) = EnvironmentKind\(/#).map { String($0.output.1) } }
        #expect(declared.count == EnvironmentKind.allCases.count, "\(declared)")
        #expect(Set(EnvironmentKind.allCases.map(\.rawValue)).count == EnvironmentKind.allCases.count)
    }
}
