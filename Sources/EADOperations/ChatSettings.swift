package import EADCore
import EADModels
import Foundation

/// What a chat begins with.
package struct ChatSettings: Hashable, Sendable {
    /// Nil leaves it to the model's template.
    package let system: String?
    /// What the template takes for the day.
    package let date: CalendarDate
    /// What the template is given besides the conversation.
    package let templateArguments: [String: JSONValue]

    package init(system: String?, date: CalendarDate, templateArguments: [String: JSONValue] = [:]) {
        self.system = system
        self.date = date
        self.templateArguments = templateArguments
    }

    /// - Throws: `ModelFileError` when the model has no template that can be used so.
    func template(_ file: ModelFile, _ tokenizer: Tokenizer) throws(ModelFileError) -> ChatTemplate {
        try ChatTemplate(file, tokenizer, date: self.date, arguments: self.templateArguments)
    }
}

extension CalendarDate {
    /// In Greenwich.
    package static var today: CalendarDate {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let now = calendar.dateComponents([.year, .month, .day], from: Date())
        return CalendarDate(year: now.year ?? 1970, month: now.month ?? 1, day: now.day ?? 1)
    }
}
