/// What Python's texts can do, character by character.
extension TemplateText {
    /// White space as Python's `str.isspace` has it.
    static func isSpace(_ unit: UInt32) -> Bool {
        let scalar = Self.scalar(unit)
        return scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }

    func matches(_ other: TemplateText, at place: Int) -> Bool {
        guard place >= 0, place + other.count <= self.count else { return false }
        return other.units.indices.allSatisfy { self[place + $0] == other[$0] }
    }

    /// Where another text is first found from a place on.
    func first(_ other: TemplateText, from start: Int = 0) -> Int? {
        guard other.count <= self.count, start <= self.count - other.count else { return nil }
        return (start...self.count - other.count).first { self.matches(other, at: $0) }
    }

    /// Without the characters of a set at its ends; without white space if there is no set.
    func stripped(_ set: TemplateText?, left: Bool = true, right: Bool = true) -> TemplateText {
        let characters = set.map { set in Set(set.units.indices.map { set[$0] }) }
        func isStripped(_ place: Int) -> Bool {
            characters.map { $0.contains(self[place]) } ?? Self.isSpace(self.units[place])
        }
        var (start, end) = (0, self.count)
        if left { while start < end, isStripped(start) { start += 1 } }
        if right { while end > start, isStripped(end - 1) { end -= 1 } }
        return self[start..<end]
    }

    /// - Parameter limit: How often it is cut at most; nil for any number of times.
    func split(at separator: TemplateText, limit: Int?) -> [TemplateText] {
        var parts: [TemplateText] = []
        var start = 0
        while parts.count < limit ?? Int.max, let place = self.first(separator, from: start) {
            parts.append(self[start..<place])
            start = place + separator.count
        }
        return parts + [self[start..<self.count]]
    }

    /// Cut at runs of white space, without empty parts.
    func splitAtSpace(limit: Int?) -> [TemplateText] {
        var parts: [TemplateText] = []
        var rest = self.stripped(nil, right: false)
        while !rest.isEmpty {
            let end = rest.units.firstIndex(where: Self.isSpace) ?? rest.count
            guard parts.count < limit ?? Int.max else {
                parts.append(rest.stripped(nil, left: false))
                break
            }
            parts.append(rest[0..<end])
            rest = rest[end..<rest.count].stripped(nil, right: false)
        }
        return parts
    }

    /// The lines, without their ends.
    func lines() -> [TemplateText] {
        let ends: Set<UInt32> = [0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029]
        var lines: [TemplateText] = []
        var start = 0
        var place = 0
        while place < self.count {
            let end = place
            let character = self[place]
            place += 1
            guard ends.contains(character) else { continue }
            lines.append(self[start..<end])
            if character == 0x0D, place < self.count, self[place] == 0x0A { place += 1 }
            start = place
        }
        return start < self.count ? lines + [self[start..<self.count]] : lines
    }

    func replacing(_ old: TemplateText, with new: TemplateText, limit: Int?) -> TemplateText {
        guard !old.isEmpty else {
            // Python puts it between all characters.
            var units: [UInt32] = []
            for place in 0...self.count {
                if place < limit ?? Int.max { units += new.units }
                if place < self.count { units.append(self.units[place]) }
            }
            return TemplateText(units: units)
        }
        return TemplateText.joined(self.split(at: old, limit: limit), by: new)
    }

    static func joined(_ parts: [TemplateText], by separator: TemplateText) -> TemplateText {
        var units: [UInt32] = []
        for (index, part) in parts.enumerated() {
            if index > 0 { units += separator.units }
            units += part.units
        }
        return TemplateText(units: units)
    }

    func uppercased() -> TemplateText {
        TemplateText(
            units: self.units.flatMap { Self.replacement(Self.scalar($0).properties.uppercaseMapping, for: $0) })
    }

    func lowercased() -> TemplateText {
        TemplateText(
            units: self.units.flatMap { Self.replacement(Self.scalar($0).properties.lowercaseMapping, for: $0) })
    }

    /// Only the first character in upper case.
    func capitalized() -> TemplateText {
        guard let first = self.units.first else { return self }
        let start = Self.replacement(Self.scalar(first).properties.titlecaseMapping, for: first)
        return TemplateText(units: start) + self[1..<self.count].lowercased()
    }

    /// As Python writes it in a list, in quotes.
    var quoted: TemplateText {
        let hasSingle = self.units.indices.contains { self[$0] == 0x27 }
        let hasDouble = self.units.indices.contains { self[$0] == 0x22 }
        let quote: UInt32 = hasSingle && !hasDouble ? 0x22 : 0x27
        var units: [UInt32] = [quote]
        for unit in self.units {
            let scalar = Self.scalar(unit)
            switch scalar {
            case "\n": units += Self.replacement("\\n", for: unit)
            case "\r": units += Self.replacement("\\r", for: unit)
            case "\t": units += Self.replacement("\\t", for: unit)
            case "\\": units += Self.replacement("\\\\", for: unit)
            default:
                if scalar.value == quote {
                    units += Self.replacement("\\" + String(Character(scalar)), for: unit)
                } else if scalar.isPrintable {
                    units.append(unit)
                } else {
                    units += Self.replacement(scalar.escape, for: unit)
                }
            }
        }
        return TemplateText(units: units + [quote])
    }
}

extension Unicode.Scalar {
    /// Whether Python shows it as it is.
    fileprivate var isPrintable: Bool {
        switch self.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: self == " "
        default: true
        }
    }

    fileprivate var escape: String {
        let digits = String(self.value, radix: 16)
        let (letter, width) = self.value < 0x100 ? ("x", 2) : self.value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }
}
