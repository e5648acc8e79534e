import EADCore

/// The cluster file as a JSON schema (draft 2020-12), for editors: made of the same description as the table of
/// cluster/README.md.
package enum SettingSchema {
    package static var json: String {
        var root = Branch()
        for setting in SettingList.all {
            root.add(setting, at: setting.path.split(separator: ".").map { String($0) }[...])
        }
        // A section with the settings of another one.
        root.copy("sampling", to: ["evaluation", "sampling"])
        return """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "title": "EAD cluster file",
            \(root.members(indent: 2))
            }
            """
    }

    /// A section: its settings and sections in their order.
    private struct Branch {
        var names: [String] = []
        var leaves: [String: SettingDescription] = [:]
        var branches: [String: Branch] = [:]
        /// Whether it stands for each element of a list.
        var isList = false
        /// Whether its keys are free.
        var hasFreeKeys = false

        mutating func add(_ setting: SettingDescription, at path: ArraySlice<String>) {
            guard let first = path.first else { return }
            let isList = first.hasSuffix("[]")
            let name = isList ? String(first.dropLast(2)) : first
            if !self.names.contains(name) { self.names.append(name) }
            if path.count == 1 {
                self.hasFreeKeys = self.hasFreeKeys || name.allSatisfy(\.isUppercase)
                self.leaves[name] = setting
            } else {
                self.branches[name, default: Branch()].add(setting, at: path.dropFirst())
                self.branches[name]?.isList = isList
            }
        }

        mutating func copy(_ name: String, to path: ArraySlice<String>) {
            guard let original = self.branches[name], let parent = path.first, let last = path.last else { return }
            self.branches[parent]?.leaves[last] = nil
            self.branches[parent]?.branches[last] = original.optional
        }

        /// Nothing in it has to be there.
        private var optional: Branch {
            var copy = self
            copy.leaves = copy.leaves.mapValues { setting in
                var setting = setting
                if setting.absent == "required" { setting.absent = "as in training" }
                return setting
            }
            copy.branches = copy.branches.mapValues(\.optional)
            return copy
        }

        /// The members of its object, each line indented.
        func members(indent: Int) -> String {
            let margin = String(repeating: " ", count: indent)
            var lines: [String] = ["\"type\": \"object\""]
            if self.hasFreeKeys, let setting = self.names.first.flatMap({ self.leaves[$0] }) {
                lines.append("\"additionalProperties\": \(setting.schema)")
            } else {
                let properties = self.names.map {
                    "\(margin)  \(JSONValue.quoted($0)): \(self.schema(of: $0, indent: indent + 2))"
                }
                lines.append("\"additionalProperties\": false")
                let required = self.names.filter { self.isRequired($0) }
                if !required.isEmpty {
                    lines.append("\"required\": [\(required.map(JSONValue.quoted).joined(separator: ", "))]")
                }
                lines.append("\"properties\": {\n\(properties.joined(separator: ",\n"))\n\(margin)}")
            }
            return lines.map { margin + $0 }.joined(separator: ",\n")
        }

        private func isRequired(_ name: String) -> Bool {
            if let leaf = self.leaves[name] { return leaf.absent == "required" }
            guard let branch = self.branches[name] else { return false }
            return branch.names.contains { branch.isRequired($0) }
        }

        private func schema(of name: String, indent: Int) -> String {
            let margin = String(repeating: " ", count: indent)
            if let leaf = self.leaves[name] { return leaf.schema }
            guard let branch = self.branches[name] else { return "{}" }
            let object = "{\n\(branch.members(indent: indent + 2))\n\(margin)}"
            return branch.isList ? "{\"type\": \"array\", \"items\": \(object)}" : object
        }
    }
}

extension SettingDescription {
    /// What a value must be, as far as JSON schema can say it, and in words.
    fileprivate var schema: String {
        let words = [self.type, self.range, "default: \(self.absent)"].filter { !$0.isEmpty }.joined(separator: "; ")
        let description = "\"description\": \(JSONValue.quoted(words))"
        let nullable = self.absent == "none"
        let rule = self.rule
        return "{\(nullable ? "\"anyOf\": [{\"type\": \"null\"}, {\(rule)}]" : rule), \(description)}"
    }

    private var rule: String {
        let choice = "one of "
        if self.type.hasPrefix(choice) {
            let values = self.type.dropFirst(choice.count).split(separator: ",").map { $0.drop { $0 == " " } }
            return "\"enum\": [\(values.map { JSONValue.quoted(String($0)) }.joined(separator: ", "))]"
        }
        switch self.type {
        case "integer", "number": return "\"type\": \"\(self.type)\"\(self.bounds)"
        case "true or false": return "\"type\": \"boolean\""
        case "list of texts": return "\"type\": \"array\", \"items\": {\"type\": \"string\"}"
        case "section": return "\"type\": \"object\""
        case "address tcp://host:port": return "\"type\": \"string\", \"pattern\": \"^tcp://.+:[0-9]+$\""
        // `12` is a text to YAML's reader of texts, too.
        case "text", "word", "path": return "\"type\": [\"string\", \"number\", \"boolean\"]"
        case let type where type.hasPrefix("duration"):
            return "\"type\": \"string\", \"pattern\": \"^[0-9]+(ms|s|m|h)$\""
        default: return "\"type\": \"string\""
        }
    }

    /// Of ranges written `1 to 4`, `at least 1`, `above 0`, `at most 1`; what depends on other settings is in the words only.
    private var bounds: String {
        let parts = self.range.split(separator: ",").map { $0.split(separator: " ") }
        guard !self.range.contains("("), !self.range.contains(":") else { return "" }
        return parts.map { words -> String in
            let numbers = words.compactMap { Double($0) }
            switch (words.first, words.count) {
            case (_, 3) where words[1] == "to" && numbers.count == 2:
                return ", \"minimum\": \(words[0]), \"maximum\": \(words[2])"
            case ("at", 3) where words[1] == "least" && numbers.count == 1: return ", \"minimum\": \(words[2])"
            case ("at", 3) where words[1] == "most" && numbers.count == 1: return ", \"maximum\": \(words[2])"
            case ("above", 2) where numbers.count == 1: return ", \"exclusiveMinimum\": \(words[1])"
            case ("below", 2) where numbers.count == 1: return ", \"exclusiveMaximum\": \(words[1])"
            default: return ""
            }
        }.joined()
    }
}
