import Foundation
import Testing

@testable import EADConfiguration

struct SchemaTests {
    private func schema() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(SettingSchema.json.utf8)) as? [String: Any])
    }

    @Test func everySettingHasItsPlace() throws {
        let root = try self.schema()
        for setting in SettingList.all {
            var node: [String: Any] = root
            for part in setting.path.split(separator: ".") {
                if part == "NODE" {
                    node = try #require(node["additionalProperties"] as? [String: Any], "\(setting.path)")
                    continue
                }
                let name = part.hasSuffix("[]") ? String(part.dropLast(2)) : String(part)
                let properties = try #require(node["properties"] as? [String: Any], "\(setting.path)")
                node = try #require(properties[name] as? [String: Any], "\(setting.path)")
                if part.hasSuffix("[]") { node = try #require(node["items"] as? [String: Any], "\(setting.path)") }
            }
            if setting.path != "evaluation.sampling" {
                let description = try #require(node["description"] as? String, "\(setting.path)")
                #expect(description.hasPrefix(setting.type), "\(setting.path)")
            }
        }
    }

    @Test func whatMustBeThereIsRequiredAndNothingElseIsAllowed() throws {
        let root = try self.schema()
        #expect(
            Set(root["required"] as? [String] ?? []).isSuperset(of: ["run", "task", "nodes", "training", "sampling"]))
        #expect(root["additionalProperties"] as? Bool == false)
        let properties = root["properties"] as? [String: [String: Any]]
        let run = properties?["run"]
        #expect(run?["required"] as? [String] == ["name", "steps"])
        let steps = (run?["properties"] as? [String: [String: Any]])?["steps"]
        #expect(steps?["minimum"] as? Int == 0 && steps?["maximum"] as? Int == 1_000_000)
    }
}
