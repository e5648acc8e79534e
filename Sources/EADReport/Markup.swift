/// A piece of an HTML or SVG document.
///
/// Literals are markup, interpolated texts are escaped, and only interpolated markup is not: no text of a run can become
/// part of the document's structure.
package struct Markup: Hashable, Sendable, ExpressibleByStringInterpolation {
    package private(set) var source: String

    package init(stringLiteral value: String) { self.source = value }

    package init(stringInterpolation: StringInterpolation) { self.source = stringInterpolation.source }

    package init(_ pieces: [Markup], separator: Markup = "") {
        self.source = pieces.map(\.source).joined(separator: separator.source)
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var source: String

        package init(literalCapacity: Int, interpolationCount: Int) {
            self.source = ""
            self.source.reserveCapacity(literalCapacity + interpolationCount * 8)
        }

        package mutating func appendLiteral(_ literal: String) { self.source += literal }
        package mutating func appendInterpolation(_ markup: Markup) { self.source += markup.source }
        package mutating func appendInterpolation(_ number: Int) { self.source += String(number) }
        package mutating func appendInterpolation(_ text: String) { self.source += Markup.escape(text) }

        /// A length or coordinate of a drawing, to a tenth.
        package mutating func appendInterpolation(_ length: Double) {
            precondition(length.isFinite, "a drawing has finite coordinates")
            let tenths = (length * 10).rounded()
            self.source += tenths / 10 == (tenths / 10).rounded() ? "\(Int(tenths / 10))" : "\(tenths / 10)"
        }
    }

    package static func += (left: inout Markup, right: Markup) { left.source += right.source }

    /// The text with every character that could end it written as a reference, in element content and in quoted
    /// attributes. Characters that XML forbids become U+FFFD.
    private static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
