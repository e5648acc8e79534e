/// Watches the bytes of a response for stop strings, token by token.
struct StopDetector {
    private let stops: StopStrings
    /// The last bytes, enough for a stop string to begin in.
    private var tail: [UInt8] = []

    init(_ stopStrings: [String]) { self.stops = StopStrings(stopStrings) }

    /// Appends a token's bytes and says whether a stop string is now complete.
    mutating func append(_ bytes: [UInt8]) -> Bool {
        guard self.stops.longest > 0 else { return false }
        self.tail += bytes
        let isFound = self.stops.first(in: self.tail) != nil
        self.tail.removeFirst(max(0, self.tail.count - (self.stops.longest - 1)))
        return isFound
    }
}
