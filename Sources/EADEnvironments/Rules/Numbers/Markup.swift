/// Tags of HTML in a text, such as `<answer>` and `<b>`.
enum Markup {
    /// The text with a blank in the place of every tag; raised and lowered text keeps a mark of its own, `^` or `_`.
    static func removed(from scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(scalars.count)
        var index = 0
        while index < scalars.count {
            guard scalars[index] == "<", let end = Self.end(of: scalars, from: index) else {
                result.append(scalars[index])
                index += 1
                continue
            }
            result.append(Self.replacement(scalars[(index + 1)..<end]))
            index = end + 1
        }
        return result
    }

    /// Where the tag that begins at `start` ends; nil if none does.
    private static func end(of scalars: [Unicode.Scalar], from start: Int) -> Int? {
        let name = start + 1 < scalars.count && scalars[start + 1] == "/" ? start + 2 : start + 1
        guard name < scalars.count, scalars[name].isASCII, scalars[name].properties.isAlphabetic else { return nil }
        for index in name..<min(name + Self.limit, scalars.count) {
            if scalars[index] == ">" { return index }
            if scalars[index] == "<" || scalars[index].isLineEnd { return nil }
        }
        return nil
    }

    private static func replacement(_ tag: ArraySlice<Unicode.Scalar>) -> Unicode.Scalar {
        switch String(String.UnicodeScalarView(tag)).lowercased() {
        case "sup": "^"
        case "sub": "_"
        default: " "
        }
    }

    /// Keeps the work linear.
    private static let limit = 100
}
