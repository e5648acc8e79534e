/// One setting as the documentation describes it.
struct SettingDescription: Hashable {
    /// `nodes.workers[].lanes`
    var path: String
    var type: String
    var range: String
    /// The value that leaving it out stands for; `required` where there is none.
    var absent: String
    /// Whether hosts may differ in it.
    var isLocal: Bool
    /// Whether a resumed run may have another value.
    var isChangeable: Bool
}

/// Lists every setting with its type, range and default.
final class SettingLister: SettingVisitor {
    private(set) var settings: [SettingDescription] = []
    private var path: [String] = []
    private var isChangeable = false

    func setting<Value>(_ key: SettingKey, _ value: inout Value, _ type: SettingType<Value>) {
        let rendered = type.render(value)
        let absent = key.isRequired ? "required" : key.absent ?? (rendered.isEmpty ? "none" : rendered)
        self.settings.append(
            SettingDescription(
                path: (self.path + [key.placeholder ?? key.name]).joined(separator: "."), type: type.name,
                range: type.range, absent: absent, isLocal: key.isLocal, isChangeable: self.isChangeable))
    }

    func changeable(_ body: () -> Void) {
        let before = self.isChangeable
        self.isChangeable = true
        body()
        self.isChangeable = before
    }

    func section(_ key: String, _ body: () -> Void) {
        self.path.append(key)
        body()
        self.path.removeLast()
    }

    func section<Section>(
        _ key: String, like path: String, _ original: Section, _ copy: inout Section, _ body: (inout Section) -> Void
    ) {
        self.settings.append(
            SettingDescription(
                path: (self.path + [key]).joined(separator: "."), type: "section", range: "the settings of `\(path)`",
                absent: "as in `\(path)`", isLocal: false, isChangeable: self.isChangeable))
    }

    func list<Element>(
        _ key: String, _ elements: inout [Element], element: () -> Element, _ body: (inout Element) -> Void
    ) {
        var example = element()
        self.section("\(key)[]") { body(&example) }
    }
}
