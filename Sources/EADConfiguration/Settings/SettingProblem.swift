/// One setting that cannot be used, and what a usable value would be.
package struct SettingProblem: Hashable, Sendable {
    /// The dotted path of the setting as a cluster file has it, such as `sampling.schedule.tau_min`; inside a section's
    /// own checks, the path from there.
    package var path: String
    /// What is wrong with it, as a phrase that follows the path: `must be a number, above 0, is '-1'`.
    package var message: String

    init(_ path: String, _ message: String) {
        self.path = path
        self.message = message
    }
}

extension [SettingProblem] {
    /// The same problems seen from the section that holds the reporting one under `key`.
    func within(_ key: String) -> [SettingProblem] { self.map { SettingProblem("\(key).\($0.path)", $0.message) } }
}
