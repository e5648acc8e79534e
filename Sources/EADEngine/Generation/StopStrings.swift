/// The texts that end a response: sampling stops when one is complete, and the response's text ends before the earliest.
struct StopStrings: Sendable {
    private let stops: [[UInt8]]
    /// Bytes of the longest.
    let longest: Int

    init(_ texts: [String]) {
        self.stops = texts.map { Array($0.utf8) }.filter { !$0.isEmpty }
        self.longest = self.stops.map(\.count).max() ?? 0
    }

    /// Where the earliest of them begins.
    func first(in bytes: [UInt8]) -> Int? {
        guard self.longest > 0 else { return nil }
        return bytes.indices.first { index in
            self.stops.contains { $0.count <= bytes.count - index && bytes[index...].starts(with: $0) }
        }
    }
}
