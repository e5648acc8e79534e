package import EADCore
import Foundation

/// What a chat begins with.
package struct ChatSettings: Hashable, Sendable {
    /// Nil leaves it to the model's template.
    package let system: String?
    /// What the template takes for the day.
    package let date: CalendarDate

    package init(system: String?, date: CalendarDate) {
        self.system = system
        self.date = date
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
