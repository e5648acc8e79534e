/// One setting that cannot be used, and what a usable value would be.
public struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    /// The dotted path of the setting inside the structure that reported it, such as `schedule.minimum`.
    public var field: String
    /// What is wrong with it, as a phrase that follows the path: `must be above 0, not -1`.
    public var message: String

    public init(field: String, message: String) {
        self.field = field
        self.message = message
    }

    /// The same problem seen from the structure that holds the reporting one under `field`.
    public func within(_ field: String) -> ConfigurationProblem {
        ConfigurationProblem(field: self.field.isEmpty ? field : "\(field).\(self.field)", message: self.message)
    }

    public var description: String { self.field.isEmpty ? self.message : "\(self.field): \(self.message)" }
}
