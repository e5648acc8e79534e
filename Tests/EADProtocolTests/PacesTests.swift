import EADCore
import EADMessages
import EADProtocol
import EADTestKit
import Testing

@Suite struct PacesTests {
    private static let a = NodeID("a")
    private static let b = NodeID("b")

    /// Workers with engines that get slower with every sample, and draw more in all.
    private struct Workers {
        var paces = Paces()
        private var counts: [NodeID: (tokens: Double, passes: Double, milliseconds: Double)] = [:]

        /// The engine of `node`, so many times as fast as another, draws `load` samples for some seconds.
        mutating func work(_ node: NodeID, speed: Double = 1, load: Int, seconds: Int = 1) {
            for _ in 0..<seconds {
                let passes = speed * 400 / Double(10 + load)
                var count = self.counts[node] ?? (0, 0, 0)
                count = (
                    count.tokens + passes * Double(load), count.passes + passes, count.milliseconds + 1000
                )
                self.counts[node] = count
                self.beat(node)
            }
        }

        mutating func beat(_ node: NodeID) {
            let count = self.counts[node] ?? (0, 0, 0)
            let heartbeat = Heartbeat(
                activity: .generating, isWaiting: false, waitingFor: "", waitingMilliseconds: 0, progress: 0,
                tokens: UInt64(count.tokens), tokensPerSecond: 0, policyVersion: PolicyVersion(0), credit: 0,
                leases: [],
                residentBytes: 0, draining: false, passes: UInt64(count.passes),
                passMilliseconds: UInt64(count.milliseconds))
            self.paces.heard(heartbeat, of: node)
        }

        mutating func restart(_ node: NodeID) { self.counts[node] = nil }
    }

    @Test func aWorkerHalfAsFastIsSlowerAndOneALittleSlowerIsNot() {
        for (speed, isSlower) in [(0.25, true), (0.48, true), (0.55, false), (1, false), (3, false)] {
            var workers = Workers()
            workers.beat(Self.a)
            workers.beat(Self.b)
            workers.work(Self.a, load: 16, seconds: 3)
            workers.work(Self.b, speed: speed, load: 16, seconds: 3)
            #expect(workers.paces.slower(than: Self.a) == (isSlower ? [Self.b] : []), "\(speed)")
            #expect(workers.paces.slower(than: Self.b) == (speed > 2 ? [Self.a] : []))
        }
    }

    @Test(arguments: 0..<100) func equalWorkersAreNeverSlowerThanEachOtherWhateverTheirLoads(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var workers = Workers()
        let nodes = (0..<4).map { NodeID("w\($0)") }
        for node in nodes { workers.beat(node) }
        for _ in 0..<200 {
            let noise = 1 + 0.2 * (random.uniform() - 0.5)
            workers.work(nodes[random.below(4)], speed: noise, load: 1 << random.below(7))
            #expect(nodes.allSatisfy { workers.paces.slower(than: $0).isEmpty })
        }
    }

    @Test(arguments: 0..<100) func aWorkerFourTimesSlowerIsFoundOutWhateverTheLoads(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var workers = Workers()
        workers.beat(Self.a)
        workers.beat(Self.b)
        for _ in 0..<100 {
            workers.work(Self.a, load: 1 << random.below(7))
            workers.work(Self.b, speed: 0.25, load: 1 << random.below(7))
            #expect(workers.paces.slower(than: Self.b).isEmpty)
        }
        #expect(workers.paces.slower(than: Self.a) == [Self.b])
    }

    @Test func aMomentIsNotEnoughAndWhoBecomesFastIsSlowNoMore() {
        var workers = Workers()
        workers.beat(Self.a)
        workers.beat(Self.b)
        workers.work(Self.a, load: 8, seconds: 3)
        workers.work(Self.b, load: 8, seconds: 3)
        workers.work(Self.b, speed: 0.1, load: 8)
        #expect(workers.paces.slower(than: Self.a).isEmpty)
        workers.work(Self.b, speed: 0.1, load: 8)
        #expect(workers.paces.slower(than: Self.a) == [Self.b])
        workers.work(Self.b, load: 8)
        #expect(workers.paces.slower(than: Self.a).isEmpty)
    }

    @Test func anotherProcessOfANameBeginsAnew() {
        var workers = Workers()
        workers.beat(Self.a)
        workers.beat(Self.b)
        workers.work(Self.a, load: 8, seconds: 3)
        workers.work(Self.b, speed: 0.1, load: 8, seconds: 3)
        workers.restart(Self.b)
        workers.beat(Self.b)
        #expect(workers.paces.slower(than: Self.a).isEmpty)
        workers.work(Self.b, speed: 0.1, load: 8, seconds: 2)
        #expect(workers.paces.slower(than: Self.a) == [Self.b])
        workers.paces.forget(Self.a)
        #expect(workers.paces.slower(than: Self.a).isEmpty)
    }

    @Test func whoSaysNothingOfItsPassesIsNotSlow() {
        var workers = Workers()
        workers.work(Self.a, load: 8, seconds: 3)
        for _ in 0..<5 { workers.beat(Self.b) }
        #expect(workers.paces.slower(than: Self.a).isEmpty && workers.paces.slower(than: Self.b).isEmpty)
    }
}
