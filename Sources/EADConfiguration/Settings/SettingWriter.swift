/// Writes every setting of a configuration: as a YAML file, and as lines of path and value for the hash.
final class SettingWriter: SettingVisitor {
    private(set) var yaml = ""
    /// `path value` of each setting that all nodes must agree on, in the order of the visit.
    private(set) var shared: [String] = []
    /// The same of those that stay as they are for as long as a run lasts.
    private(set) var lasting: [String] = []
    private var isChangeable = false
    private var path: [String] = []
    private var indentation = 0
    /// Written instead of the indentation of the next line: the dash of a list entry.
    private var dash = false
    /// Where each setting that was given was given; nil to write nothing of that.
    private let origins: [String: String]?
    /// What one that was not given has its value from.
    private var absent = "default"

    init(origins: [String: String]? = nil) { self.origins = origins }

    func setting<Value>(_ key: SettingKey, _ value: inout Value, _ type: SettingType<Value>) {
        let rendered = type.render(value)
        guard !rendered.isEmpty else { return }
        let path = (self.path + [key.name]).joined(separator: ".")
        self.line("\(key.name): \(rendered)\(self.origin(of: path))")
        guard !key.isLocal else { return }
        let line = "\(path) \(rendered)"
        self.shared.append(line)
        if !self.isChangeable { self.lasting.append(line) }
    }

    func changeable(_ body: () -> Void) {
        let before = self.isChangeable
        self.isChangeable = true
        body()
        self.isChangeable = before
    }

    func section(_ key: String, _ body: () -> Void) {
        let before = self.yaml
        self.line("\(key):")
        let header = self.yaml
        self.nested(key, body)
        // A section without settings would read back as an empty value.
        if self.yaml == header { self.yaml = before }
    }

    func section<Section>(
        _ key: String, like path: String, _ original: Section, _ copy: inout Section, _ body: (inout Section) -> Void
    ) {
        let before = self.absent
        self.absent = "as in \(path)"
        self.section(key) { body(&copy) }
        self.absent = before
    }

    func list<Element>(
        _ key: String, _ elements: inout [Element], element: () -> Element, _ body: (inout Element) -> Void
    ) {
        self.line("\(key):" + (elements.isEmpty ? " []" : ""))
        for index in elements.indices {
            self.nested("\(key)[\(index)]") {
                self.dash = true
                body(&elements[index])
            }
        }
    }

    private func nested(_ key: String, _ body: () -> Void) {
        self.path.append(key)
        self.indentation += 1
        body()
        self.indentation -= 1
        self.path.removeLast()
    }

    /// A comment that tells where a value comes from.
    private func origin(of path: String) -> String {
        guard let origins = self.origins else { return "" }
        // What follows is read as the file's next line.
        let origin = (origins[path] ?? self.absent).split(whereSeparator: \.isNewline).joined(separator: " ")
        return "  # " + String(String.UnicodeScalarView(origin.unicodeScalars.filter { $0.value >= 0x20 }))
    }

    private func line(_ text: String) {
        let spaces = String(repeating: "  ", count: self.indentation - (self.dash ? 1 : 0))
        self.yaml += spaces + (self.dash ? "- " : "") + text + "\n"
        self.dash = false
    }
}
