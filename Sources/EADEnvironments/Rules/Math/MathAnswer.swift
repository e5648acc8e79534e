/// What an answer of mathematics says: a number with its unit, a list of such, or a text.
struct MathAnswer: Sendable {
    enum Part: Hashable, Sendable {
        /// The unit is empty where none is written.
        case number(ExactNumber, unit: String)
        case text(ScalarText)

        /// Numbers are equal by value; a unit counts only where both have one.
        func matches(_ other: Part) -> Bool {
            switch (self, other) {
            case (.number(let one, let unit), .number(let two, let otherUnit)):
                one == two && (unit.isEmpty || otherUnit.isEmpty || unit == otherUnit)
            case (.text(let one), .text(let two)): one == two
            default: false
            }
        }

        var description: String {
            switch self {
            case .number(let number, _): "\(number)"
            case .text(let text): text.string
            }
        }
    }

    /// What is named in front, as in `x = 5`; empty without.
    let variable: String
    /// The brackets around a list; empty for a single part.
    let brackets: String
    /// In order; never empty.
    let parts: [Part]

    /// Nil when nothing is said.
    init?(_ content: ScalarText) {
        var text = MathText(content)
        guard !text.scalars.isEmpty else { return nil }
        self.variable = text.takeVariable()
        if let number = MathNumber(text) {
            self.brackets = ""
            self.parts = [.number(number.value, unit: number.unit)]
            return
        }
        let list = text.list
        self.brackets = list.brackets
        self.parts = list.parts.map { part in
            MathNumber(part).map { .number($0.value, unit: $0.unit) } ?? .text(part.normalForm)
        }
    }

    func matches(_ other: MathAnswer) -> Bool {
        let sameVariable = self.variable.isEmpty || other.variable.isEmpty || self.variable == other.variable
        return sameVariable && self.brackets == other.brackets && self.parts.count == other.parts.count
            && zip(self.parts, other.parts).allSatisfy { $0.matches($1) }
    }
}

extension MathAnswer: CustomStringConvertible {
    /// Equal for equal answers, units and variables aside.
    var description: String {
        let list = self.parts.map(\.description).joined(separator: ",")
        return self.brackets.isEmpty ? list : "\(self.brackets.first ?? "(")\(list)\(self.brackets.last ?? ")")"
    }
}
