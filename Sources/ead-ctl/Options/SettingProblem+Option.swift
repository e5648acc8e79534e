import EADConfiguration

extension SettingProblem {
    /// The problem of a setting that an option of the same name gave: `--tau-min must not exceed tau_max`.
    var asOption: String {
        let name = self.path.split(separator: ".").last.map { String($0) } ?? self.path
        // The one option that is not called as its setting: `--path` would not say of what.
        let option = name == "path" ? "data" : name.replacing("_", with: "-")
        return "--\(option) \(self.message)"
    }
}
