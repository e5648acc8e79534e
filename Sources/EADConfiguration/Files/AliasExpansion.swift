/// How large a document grows when its aliases are written out: an upper bound, found in the text alone.
///
/// A parser that shares what an alias names is quick, but whatever then walks the tree (Yams hashes every key of a
/// mapping, whole trees among them) takes as long as the text written out would be. A few hundred bytes of nested aliases
/// can stand for more than fits a computer, so the bound is found before anything is parsed.
///
/// A node cannot name itself, so it ends before the first alias to it. It therefore expands to no more than the text from
/// its anchor to that alias, with the aliases in between written out. What has the form of an anchor or alias in a
/// comment or a quoted text is counted as one.
struct AliasExpansion {
    /// More than any cluster file written by people: a thousand workers that share twenty settings stay below.
    static let maximumBytes = 8 << 20

    /// The bound, in bytes of the document written out.
    private(set) var bytes = 0.0
    /// The first thing that makes the document unusable, as a phrase, with its line from 1; nil for a usable one.
    private(set) var objection: (line: Int, message: String)?

    init(_ text: String) {
        var line = 1
        // Anchors no alias has named, with the expansion of the text before them; and of the others, their own.
        var begun: [String: Double] = [:]
        var sizes: [String: Double] = [:]
        var rest = Substring(text).utf8
        var previous = UInt8(ascii: "\n")
        while let byte = rest.popFirst(), self.objection == nil {
            self.bytes += 1
            let isMark = (byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*")) && Self.canStand(behind: previous)
            let name = isMark ? Self.name(rest) : ""
            previous = byte
            switch byte {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: "&") where !name.isEmpty:
                begun[name] = self.bytes
                // An alias inside it would name the one before, whose size is no bound for this one.
                if sizes[name] != nil { self.objection = (line, "the anchor &\(name) is given again after its use") }
            case UInt8(ascii: "*") where !name.isEmpty:
                if let begin = begun.removeValue(forKey: name) { sizes[name] = self.bytes - begin }
                self.bytes += sizes[name] ?? 0
                if self.bytes > Double(Self.maximumBytes) {
                    self.objection = (
                        line, "the aliases stand for over \(Self.maximumBytes) bytes; write the values out"
                    )
                }
            default: break
            }
        }
    }

    /// Whether an anchor or alias can begin after this byte. Beyond ASCII are white space and line breaks, among others.
    private static func canStand(behind byte: UInt8) -> Bool { byte >= 0x80 || " \t\r\n,:[{".utf8.contains(byte) }

    /// The name that begins `text`: letters, digits, `_` and `-`, as the parser takes it; empty for anything else.
    private static func name(_ text: Substring.UTF8View) -> String {
        let name = text.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return String(decoding: name, as: UTF8.self)
    }
}
