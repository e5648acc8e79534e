package import EADCore

/// A worker's copy of a new policy version: which chunks to ask for, on credit, and when to ask again.
package struct PolicyDownload: Sendable {
    /// What became of an arrived chunk.
    package enum Receipt: Hashable, Sendable {
        /// Keep its bytes.
        case stored
        /// It was there already; ignore its bytes.
        case duplicate
        /// Its bytes are not those of the manifest; it will be asked for again.
        case corrupt
        /// The version has no such chunk.
        case noSuchChunk
    }

    /// Why the download cannot go on.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package enum Cause: Hashable, Sendable {
            case noAnswer
            case wrongHash
        }
        package var version: PolicyVersion
        package var chunk: Int
        package var attempts: Int
        /// What went wrong the last time.
        package var cause: Cause

        package var description: String {
            let cause = self.cause == .noAnswer ? "was not answered" : "came with a wrong hash"
            return "chunk \(self.chunk) of policy version \(self.version) \(cause) after \(self.attempts) attempts"
        }
    }

    private enum State: Hashable {
        case missing
        case requested(since: ContinuousClock.Instant)
        case present
    }

    private struct Chunk {
        var state = State.missing
        var attempts = 0
        var lastCause = Failure.Cause.noAnswer
    }

    package let version: PolicyVersion
    /// Requests that may be unanswered at a time.
    package let credit: Int
    /// After which a request is made again.
    package let timeout: Duration
    /// Requests of one chunk without success after which the download fails.
    package let maximumAttempts: Int
    /// Chunks equal to those already here, which need no transfer, in order.
    package let reused: [Int]
    /// Chunks that arrived or were reused.
    package private(set) var presentCount: Int
    private var chunks: [Chunk]

    /// - Parameters:
    ///   - chunkHashes: The manifest's hash of each chunk.
    ///   - have: Hashes of the chunks already here, cut alike; those equal at the same place are reused.
    package init(
        version: PolicyVersion, chunkHashes: [[UInt8]], have: [[UInt8]]? = nil, credit: Int = 4,
        timeout: Duration = .seconds(10), maximumAttempts: Int = 5
    ) {
        precondition(credit >= 1 && maximumAttempts >= 1, "a download needs credit and attempts")
        self.version = version
        self.credit = credit
        self.timeout = timeout
        self.maximumAttempts = maximumAttempts
        self.chunks = Array(repeating: Chunk(), count: chunkHashes.count)
        let own = have ?? []
        self.reused = chunkHashes.indices.filter { $0 < own.count && own[$0] == chunkHashes[$0] }
        self.presentCount = self.reused.count
        for index in self.reused { self.chunks[index].state = .present }
    }

    /// The chunks to ask for now, lowest first; those unanswered for `timeout` are asked for again.
    package mutating func next(now: ContinuousClock.Instant) -> [Int] {
        for index in self.chunks.indices {
            guard case .requested(let since) = self.chunks[index].state, since.duration(to: now) >= self.timeout else {
                continue
            }
            self.chunks[index].state = .missing
            self.chunks[index].lastCause = .noAnswer
        }
        guard self.failure == nil else { return [] }
        let free = max(0, self.credit - self.outstanding)
        let chosen = Array(self.chunks.indices.filter { self.chunks[$0].state == .missing }.prefix(free))
        for index in chosen {
            self.chunks[index].state = .requested(since: now)
            self.chunks[index].attempts += 1
        }
        return chosen
    }

    /// A chunk arrived; `hashMatches` compares its bytes with the manifest.
    package mutating func received(_ index: Int, hashMatches: Bool, now: ContinuousClock.Instant) -> Receipt {
        guard self.chunks.indices.contains(index) else { return .noSuchChunk }
        if self.chunks[index].state == .present { return .duplicate }
        guard hashMatches else {
            self.chunks[index].state = .missing
            self.chunks[index].lastCause = .wrongHash
            return .corrupt
        }
        self.chunks[index].state = .present
        self.presentCount += 1
        return .stored
    }

    package var count: Int { self.chunks.count }

    package var isComplete: Bool { self.presentCount == self.chunks.count }

    /// Unanswered requests; at most `credit`.
    package var outstanding: Int {
        self.chunks.count { if case .requested = $0.state { true } else { false } }
    }

    /// Why the download cannot go on; nil while it can.
    package var failure: Failure? {
        for (index, chunk) in self.chunks.enumerated()
        where chunk.state == .missing && chunk.attempts >= self.maximumAttempts {
            return Failure(version: self.version, chunk: index, attempts: chunk.attempts, cause: chunk.lastCause)
        }
        return nil
    }
}
