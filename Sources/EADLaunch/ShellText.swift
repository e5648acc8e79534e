import EADCore

/// Text of a POSIX shell script.
enum ShellText {
    /// One word, whatever is in it.
    static func word(_ text: String) -> String {
        let plain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "_-./:=@,+%".utf8.contains(byte)
                }
            }
        return plain
            ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    static func words(_ texts: [String]) -> String { texts.map(Self.word).joined(separator: " ") }

    /// A text that a command reads from its standard input as it is.
    static func hereDocument(_ command: String, _ text: String, end: String) -> String {
        var end = end
        while text.split(separator: "\n").contains(Substring(end)) { end += "_" }
        return "\(command) <<'\(end)'\n\(text)\(text.hasSuffix("\n") ? "" : "\n")\(end)\n"
    }

    /// A loop that starts a command again until it has finished, or fails in a way that will not change.
    static func keepRunning(_ command: String, indentation: String = "") -> String {
        let lasting = LaunchPlan.lasting.map { "\($0.rawValue)" }.joined(separator: " | ")
        return """
            while :; do
                status=0
                \(command) || status=$?
                case $status in
                0 | \(lasting)) exit $status ;;
                esac
                sleep 2
            done

            """
    }
}
