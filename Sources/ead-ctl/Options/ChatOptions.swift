import ArgumentParser
import EADCore
import EADOperations

/// What a chat begins with.
struct ChatOptions: ParsableArguments {
    @Option(name: .long, help: "The system turn (default: what the model's chat template has).")
    var system: String?

    @Option(name: .long, help: "What the chat template takes for the day, as YYYY-MM-DD (default: today).")
    var date: CalendarDate?

    @OptionGroup var template: TemplateOptions

    var isDefault: Bool { self.system == nil && self.date == nil && self.template.isDefault }

    func resolve() throws -> ChatSettings {
        ChatSettings(
            system: self.system, date: self.date ?? .today, templateArguments: try self.template.resolve())
    }
}
