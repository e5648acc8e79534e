import EADCore

extension CalendarDate {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// 0 for Sunday (Sakamoto's method).
    private var weekday: Int {
        let offsets = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
        let year = self.month < 3 ? self.year - 1 : self.year
        return (year + year / 4 - year / 100 + year / 400 + offsets[self.month - 1] + self.day) % 7
    }

    /// The beginning of the day as `strftime` writes it in the C locale; nil if a letter of the format is not implemented.
    func formatted(_ format: String) -> String? {
        var result = ""
        var rest = Substring(format)
        while let next = rest.popFirst() {
            guard next == "%" else {
                result.append(next)
                continue
            }
            guard var letter = rest.popFirst() else { return nil }
            let isUnpadded = letter == "-"
            if isUnpadded, let next = rest.popFirst() { letter = next }
            guard let text = self.field(letter, isUnpadded: isUnpadded) else { return nil }
            result += text
        }
        return result
    }

    private func field(_ letter: Character, isUnpadded: Bool) -> String? {
        func number(_ value: Int) -> String { isUnpadded || value > 9 ? "\(value)" : "0\(value)" }
        switch letter {
        case "d": return number(self.day)
        case "m": return number(self.month)
        case "Y": return String(self.description.prefix(4))
        case "y": return number(self.year % 100)
        case "H", "M", "S": return number(0)
        case "I": return "12"
        case "p": return "AM"
        case "B": return Self.months[self.month - 1]
        case "b", "h": return String(Self.months[self.month - 1].prefix(3))
        case "A": return Self.weekdays[self.weekday]
        case "a": return String(Self.weekdays[self.weekday].prefix(3))
        case "F": return self.description
        case "T": return "00:00:00"
        case "%": return "%"
        default: return nil
        }
    }
}
