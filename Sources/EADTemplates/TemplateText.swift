/// Text that knows of each character whether the template wrote it or a message brought it.
///
/// Whatever a template does to a text, its characters keep where they are from: that is how a name in a message stays
/// text though the same name in the template is a mark.
package struct TemplateText: Hashable, Sendable {
    /// Scalars, with the highest bit set in those from outside.
    private(set) var units: [UInt32]
    /// Whether a template called it safe; what is added to such a text is escaped for HTML, as by Jinja.
    var isSafe = false

    private static let outside: UInt32 = 1 << 31

    init(units: [UInt32]) { self.units = units }

    /// - Parameter isOutside: Whether it came from outside of the template.
    package init(_ text: String, isOutside: Bool = false) {
        let mark = isOutside ? Self.outside : 0
        self.units = text.unicodeScalars.map { $0.value | mark }
    }

    var count: Int { self.units.count }
    var isEmpty: Bool { self.units.isEmpty }

    /// The character at a place without its origin.
    subscript(place: Int) -> UInt32 { self.units[place] & ~Self.outside }

    subscript(range: Range<Int>) -> TemplateText {
        var part = TemplateText(units: Array(self.units[range]))
        part.isSafe = self.isSafe
        return part
    }

    /// Marked as safe.
    var safe: TemplateText {
        var copy = self
        copy.isSafe = true
        return copy
    }

    static func scalar(_ unit: UInt32) -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(unit & ~Self.outside) else {
            preconditionFailure("units are made of scalars")
        }
        return scalar
    }

    /// The scalars of a text that takes the place of a character, with its origin.
    static func replacement(_ text: String, for unit: UInt32) -> [UInt32] {
        text.unicodeScalars.map { $0.value | unit & Self.outside }
    }

    package var string: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: self.units.lazy.map { Self.scalar($0) })
        return String(view)
    }

    /// Where in the UTF-8 of `string` the characters are that the template wrote.
    package var ownRanges: [Range<Int>] {
        var ranges: [Range<Int>] = []
        var offset = 0
        for unit in self.units {
            let next = offset + UTF8.width(Self.scalar(unit))
            if unit & Self.outside == 0 {
                if let last = ranges.last, last.upperBound == offset {
                    ranges[ranges.count - 1] = last.lowerBound..<next
                } else {
                    ranges.append(offset..<next)
                }
            }
            offset = next
        }
        return ranges
    }

    static func += (left: inout TemplateText, right: TemplateText) { left.units += right.units }

    static func + (left: TemplateText, right: TemplateText) -> TemplateText {
        TemplateText(units: left.units + right.units)
    }

    /// Equal if the characters are; their origin does not matter.
    package static func == (left: TemplateText, right: TemplateText) -> Bool {
        left.units.count == right.units.count && left.units.indices.allSatisfy { left[$0] == right[$0] }
    }

    package func hash(into hasher: inout Hasher) {
        for place in self.units.indices { hasher.combine(self[place]) }
    }

    static func == (left: TemplateText, right: String) -> Bool {
        left.string.unicodeScalars.elementsEqual(right.unicodeScalars)
    }

    static func isLess(_ left: TemplateText, _ right: TemplateText) -> Bool {
        for place in 0..<min(left.count, right.count) where left[place] != right[place] {
            return left[place] < right[place]
        }
        return left.count < right.count
    }
}
