import EADCore
import Testing

@Suite struct BackoffTests {
    @Test func waitsDoubleUpToTheMaximumWithoutJitter() {
        var backoff = Backoff(
            initial: .milliseconds(100), factor: 2, maximum: .milliseconds(500), jitter: 0, seed: 1)
        let waits = (0..<5).map { _ in backoff.next() }
        #expect(waits == [100, 200, 400, 500, 500].map { .milliseconds($0) })
    }

    @Test func resetStartsAgainFromTheShortestWait() {
        var backoff = Backoff(initial: .seconds(1), factor: 3, maximum: .seconds(60), jitter: 0, seed: 1)
        _ = (backoff.next(), backoff.next())
        backoff.reset()
        #expect(backoff.next() == .seconds(1))
    }

    @Test func equalSeedsGiveEqualWaitsAndOthersDiffer() {
        func waits(seed: UInt64) -> [Duration] {
            var backoff = Backoff(seed: seed)
            return (0..<20).map { _ in backoff.next() }
        }
        #expect(waits(seed: 7) == waits(seed: 7))
        #expect(waits(seed: 7) != waits(seed: 8))
    }

    @Test(arguments: 0..<50) func jitterOnlyShortensWithinItsShare(seed: UInt64) {
        var exact = Backoff(initial: .milliseconds(50), factor: 1.7, maximum: .seconds(4), jitter: 0, seed: seed)
        var jittered = Backoff(initial: .milliseconds(50), factor: 1.7, maximum: .seconds(4), jitter: 0.3, seed: seed)
        for _ in 0..<30 {
            let longest = exact.next()
            let wait = jittered.next()
            #expect(wait <= longest && wait >= longest * 0.699)
        }
    }

}
