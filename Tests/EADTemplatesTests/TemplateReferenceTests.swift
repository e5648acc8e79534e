import EADCore
import EADTemplates
import EADTestKit
import Foundation
import Testing

/// Templates equal Jinja2 as transformers sets it up (scripts/reference/templates_oracle.py): they make the same text, or
/// fail where it fails.
@Suite struct TemplateReferenceTests {
    private static func check(_ cases: String, templates: String) throws -> Int {
        var known: [String: Template] = [:]
        var count = 0
        for line in try String(contentsOfFile: cases, encoding: .utf8).split(separator: "\n") {
            let item = try JSONReader.value(of: String(line))
            let name = try #require(item["template"]?.text)
            if known[name] == nil {
                known[name] = try Template(String(contentsOfFile: templates + "/" + name, encoding: .utf8))
            }
            guard case .object(let members)? = item["variables"], let template = known[name] else { continue }
            let variables = Dictionary(
                uniqueKeysWithValues: members.map { ($0.key, TemplateValue($0.value, isOutside: true)) })
            let expected = item["text"]?.text
            let text = try? template.render(variables, date: CalendarDate(year: 2026, month: 11, day: 26)).string
            #expect(
                text.map { Array($0.utf8) } == expected.map { Array($0.utf8) },
                "\(name): \(text ?? "fails") instead of \(expected ?? item["error"]?.text ?? "")")
            count += 1
        }
        return count
    }

    @Test func ourTemplatesMakeTheTextsOfTheReference() throws {
        let cases = try #require(Bundle.module.path(forResource: "Fixtures/cases", ofType: "jsonl"))
        #expect(try Self.check(cases, templates: URL(fileURLWithPath: cases).deletingLastPathComponent().path) == 40)
    }

    @Test(.enabled(if: CachedAssets.templates != nil, "\(CachedAssets.templateAdvice)"))
    func realTemplatesMakeTheTextsOfTheReference() throws {
        let place = try #require(CachedAssets.templates)
        #expect(try Self.check(place.cases, templates: place.directory) == 4200)
    }
}
