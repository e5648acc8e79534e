import Foundation
import Testing

@testable import EADConfiguration

@Suite struct ReadmeTests {
    /// The cells of every row of cluster/README.md whose first cell is a setting, by setting.
    private func documented() throws -> [String: [String]] {
        var rows: [String: [String]] = [:]
        for line in try ShippedFiles.text("README.md").split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count == 7 else { continue }
            let path = cells[1].trimmingCharacters(in: ["`"])
            #expect(rows[path] == nil, "\(path) is documented twice")
            rows[path] = cells
        }
        return rows
    }

    @Test func everySettingIsDocumentedWithItsTypeRangeAndDefault() throws {
        let rows = try self.documented()
        let settings = SettingList.all
        #expect(Set(rows.keys) == Set(settings.map(\.path)))
        for setting in settings {
            guard let cells = rows[setting.path] else { continue }
            // The kinds of verifiers have a page of their own, which a test of theirs compares with the code.
            let type =
                setting.type.hasPrefix("duration")
                ? "duration" : setting.path == "task.verifier" ? "verifier" : setting.type
            #expect(Array(cells[2...4]) == [type, setting.range, setting.absent], "\(setting.path)")
            #expect(cells[5].count > 5, "\(setting.path)")
        }
    }

    @Test func whatHostsMayDifferInIsMarked() throws {
        let marked = try self.documented().filter { $0.value[5].contains("*Local.*") }.keys
        #expect(Set(marked) == Set(SettingList.all.filter(\.isLocal).map(\.path)))
    }

    @Test func whatMayChangeInAResumedRunIsListed() throws {
        let text = try ShippedFiles.text("README.md")
        let paragraph = try #require(text.split(separator: "\n\n").first { $0.hasPrefix("A run that is resumed") })
        let listed = paragraph.split(separator: "`").filter { $0.contains(".") && !$0.contains(" ") }
        for setting in SettingList.all {
            let isListed = listed.contains { entry in
                entry.hasSuffix("*") ? setting.path.hasPrefix(entry.dropLast()) : setting.path == entry
            }
            #expect(isListed == setting.isChangeable, "\(setting.path)")
        }
    }

    @Test func whatNoSettingChangesIsListed() throws {
        let rows = try ShippedFiles.text("README.md").split(separator: "\n").map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        for value in Fixed.documented { #expect(rows.contains(value), "\(value[0])") }
        #expect(Set(Fixed.documented.map { $0[0] }).count == Fixed.documented.count)
    }
}
