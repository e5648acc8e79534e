/// Watches the bytes of a response for stop strings, token by token.
struct StopDetector {
    private let stops: [[UInt8]]
    private let longest: Int
    /// The last bytes, enough for a stop string to begin in.
    private var tail: [UInt8] = []

    init(_ stopStrings: [String]) {
        self.stops = stopStrings.map { Array($0.utf8) }
        self.longest = self.stops.map(\.count).max() ?? 0
    }

    /// Appends a token's bytes and says whether a stop string is now complete.
    mutating func append(_ bytes: [UInt8]) -> Bool {
        guard self.longest > 0 else { return false }
        self.tail += bytes
        let found = self.stops.contains { stop in
            guard self.tail.count >= stop.count else { return false }
            return (0...self.tail.count - stop.count).contains { self.tail[$0...].starts(with: stop) }
        }
        self.tail.removeFirst(max(0, self.tail.count - (self.longest - 1)))
        return found
    }
}
