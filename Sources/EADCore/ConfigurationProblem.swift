/// One setting that cannot be used, and what a usable value would be.
package struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    /// The dotted path of the setting inside the structure that reported it, such as `schedule.minimum`.
    package var field: String
    /// What is wrong with it, as a phrase that follows the path: `must be above 0, not -1`.
    package var message: String

    package init(field: String, message: String) {
        self.field = field
        self.message = message
    }

    /// The same problem seen from the structure that holds the reporting one under `field`.
    package func within(_ field: String) -> ConfigurationProblem {
        ConfigurationProblem(field: self.field.isEmpty ? field : "\(field).\(self.field)", message: self.message)
    }

    package var description: String { self.field.isEmpty ? self.message : "\(self.field): \(self.message)" }
}
