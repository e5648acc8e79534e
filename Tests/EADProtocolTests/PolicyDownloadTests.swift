import EADCore
import EADProtocol
import EADTestKit
import Testing

@Suite struct PolicyDownloadTests {
    let start = ContinuousClock.now

    private func after(_ seconds: Int) -> ContinuousClock.Instant { self.start.advanced(by: .seconds(seconds)) }

    private func hashes(_ values: [UInt8]) -> [[UInt8]] { values.map { Array(repeating: $0, count: 32) } }

    private func download(_ count: Int, have: [[UInt8]]? = nil, credit: Int = 2) -> PolicyDownload {
        PolicyDownload(
            version: PolicyVersion(9), chunkHashes: self.hashes((0..<count).map { UInt8($0) }), have: have,
            credit: credit, timeout: .seconds(10), maximumAttempts: 3)
    }

    @Test func chunksAreAskedForOnCredit() {
        var download = self.download(5)
        #expect(download.next(now: self.start) == [0, 1])
        #expect(download.next(now: self.start) == [])
        #expect(download.received(1, hashMatches: true, now: self.start) == .stored)
        #expect(download.next(now: self.start) == [2])
        #expect(download.outstanding == 2)
        for index in [0, 2] { #expect(download.received(index, hashMatches: true, now: self.start) == .stored) }
        #expect(download.next(now: self.start) == [3, 4])
        for index in [4, 3] { #expect(download.received(index, hashMatches: true, now: self.start) == .stored) }
        #expect(download.isComplete && download.failure == nil)
    }

    @Test func chunksThatAreHereAlreadyAreReused() {
        var own = self.hashes([0, 99, 2])
        var download = self.download(4, have: own)
        #expect(download.reused == [0, 2])
        #expect(download.next(now: self.start) == [1, 3])
        own = self.hashes([0, 1, 2, 3, 4])
        download = self.download(4, have: own)
        #expect(download.isComplete && download.next(now: self.start).isEmpty)
    }

    @Test func anUnansweredRequestIsRepeatedAndFinallyGivenUp() {
        var download = self.download(1)
        #expect(download.next(now: self.start) == [0])
        #expect(download.next(now: self.after(9)) == [])
        #expect(download.next(now: self.after(10)) == [0])
        #expect(download.next(now: self.after(20)) == [0])
        #expect(download.failure == nil)
        #expect(download.next(now: self.after(30)) == [])
        #expect(
            download.failure?.description == "chunk 0 of policy version 9 was not answered after 3 attempts")
    }

    @Test func aChunkWithAWrongHashIsAskedForAgainAndFinallyGivenUp() {
        var download = self.download(1)
        for _ in 0..<3 {
            #expect(download.next(now: self.start) == [0])
            #expect(download.received(0, hashMatches: false, now: self.start) == .corrupt)
        }
        #expect(download.next(now: self.start) == [])
        #expect(download.failure?.cause == .wrongHash)
    }

    @Test func lateDoubleAndForeignChunksDoNoHarm() {
        var download = self.download(2)
        #expect(download.received(0, hashMatches: true, now: self.start) == .stored)
        #expect(download.received(0, hashMatches: true, now: self.start) == .duplicate)
        #expect(download.received(0, hashMatches: false, now: self.start) == .duplicate)
        #expect(download.received(2, hashMatches: true, now: self.start) == .noSuchChunk)
        #expect(download.received(-1, hashMatches: true, now: self.start) == .noSuchChunk)
        #expect(download.presentCount == 1)
    }

    /// A network that loses, delays, repeats and corrupts: the download ends, and never exceeds its credit.
    @Test(arguments: 0..<100) func anUnreliableNetworkIsOvercome(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let credit = Int.random(in: 1...5, using: &random)
        var download = PolicyDownload(
            version: PolicyVersion(1), chunkHashes: self.hashes((0..<20).map { UInt8($0) }),
            have: self.hashes((0..<20).map { $0 % 3 == 0 ? UInt8($0) : 200 }), credit: credit,
            timeout: .seconds(3), maximumAttempts: 1000)
        var now = self.start
        var underWay: [Int] = []
        var stored: [Int] = []
        for _ in 0..<5000 where !download.isComplete {
            underWay += download.next(now: now)
            #expect(download.outstanding <= credit)
            if let index = underWay.randomElement(using: &random) {
                if Int.random(in: 0..<10, using: &random) > 0 { underWay.removeAll { $0 == index } }
                let isLost = Int.random(in: 0..<5, using: &random) == 0
                let isGood = Int.random(in: 0..<4, using: &random) > 0
                if !isLost, download.received(index, hashMatches: isGood, now: now) == .stored {
                    #expect(isGood)
                    stored.append(index)
                }
            }
            now = now.advanced(by: .milliseconds(300))
        }
        #expect(download.isComplete)
        #expect((stored + download.reused).sorted() == Array(0..<20))
    }
}

@Suite struct PolicyChunkingTests {
    @Test(arguments: [(1, 1), (10, 3), (12, 3), (1 << 33, 4 << 20), (7, 100)])
    func chunksCoverEveryByteOnce(total: UInt64, chunk: UInt32) throws {
        let chunking = try #require(PolicyChunking(totalBytes: total, chunkBytes: chunk))
        var end: UInt64 = 0
        for index in 0..<chunking.count {
            let range = chunking.range(of: index)
            #expect(range.lowerBound == end && !range.isEmpty && range.count <= chunk)
            #expect(chunking.length(of: index) == range.count)
            end = range.upperBound
        }
        #expect(end == total)
    }

    @Test func nonsenseIsNoChunking() {
        #expect(PolicyChunking(totalBytes: 0, chunkBytes: 1) == nil)
        #expect(PolicyChunking(totalBytes: 1, chunkBytes: 0) == nil)
        #expect(PolicyChunking(totalBytes: .max, chunkBytes: 1) == nil)
    }
}
