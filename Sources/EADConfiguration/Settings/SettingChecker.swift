import Yams

/// Checks settings that come from somewhere else than a file, such as a command line, as if they stood in one.
final class SettingChecker: SettingVisitor {
    private(set) var problems: [SettingProblem] = []
    private var path: [String] = []

    func setting<Value>(_ key: SettingKey, _ value: inout Value, _ type: SettingType<Value>) {
        let rendered = type.render(value)
        // What would not be written at all has no value to check.
        guard !rendered.isEmpty else { return }
        let path = (self.path + [key.name]).joined(separator: ".")
        do {
            guard let node = try Yams.compose(yaml: rendered) else { return }
            if case .failure(let objection) = type.parse(node) {
                self.problems.append(SettingProblem(path, objection.message))
            }
        } catch {
            self.problems.append(SettingProblem(path, "is not YAML: \(error)"))
        }
    }

    func section(_ key: String, _ body: () -> Void) {
        self.path.append(key)
        body()
        self.path.removeLast()
    }

    func section<Section>(
        _ key: String, like path: String, _ original: Section, _ copy: inout Section, _ body: (inout Section) -> Void
    ) {
        self.section(key) { body(&copy) }
    }

    func list<Element>(
        _ key: String, _ elements: inout [Element], element: () -> Element, _ body: (inout Element) -> Void
    ) {
        for index in elements.indices { self.section("\(key)[\(index)]") { body(&elements[index]) } }
    }
}
