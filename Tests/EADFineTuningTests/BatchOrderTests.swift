import EADCore
import EADTestKit
import Testing

@testable import EADFineTuning

@Suite struct BatchOrderTests {
    /// Some number of demonstrations, batch sizes and lengths.
    private static let cases: [(lengths: [Int], size: Int, seed: UInt64)] = {
        var random = SplitMix64(seed: 11)
        return [1, 2, 7, 31, 32, 33, 1000, 2049].map { count in
            (
                (0..<count).map { _ in Int.random(in: 2...60, using: &random) },
                Int.random(in: 1...40, using: &random), random.next()
            )
        }
    }()

    @Test(arguments: Self.cases)
    func everyDemonstrationComesOncePerPass(_ lengths: [Int], _ size: Int, _ seed: UInt64) {
        var order = BatchOrder(lengths: lengths, size: size, seed: seed)
        for pass in 0..<3 {
            let steps = UInt64(pass * order.batchesPerPass)..<UInt64((pass + 1) * order.batchesPerPass)
            let batches = steps.map { order.batch(of: $0) }
            #expect(batches.joined().sorted() == Array(lengths.indices))
            #expect(steps.allSatisfy { order.pass(of: $0) == UInt64(pass) })
            let sizes = batches.map(\.count)
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1 && (sizes.max() ?? 0) <= size)
        }
    }

    @Test(arguments: Self.cases)
    func aStepHasTheSameBatchWhateverWasAskedBefore(_ lengths: [Int], _ size: Int, _ seed: UInt64) {
        var order = BatchOrder(lengths: lengths, size: size, seed: seed)
        let steps = 0..<UInt64(2 * order.batchesPerPass)
        let batches = steps.map { order.batch(of: $0) }
        for step in steps.reversed() {
            var fresh = BatchOrder(lengths: lengths, size: size, seed: seed)
            #expect(fresh.batch(of: step) == batches[Int(step)])
        }
    }

    @Test func batchesAreOfAboutEqualLength() {
        var random = SplitMix64(seed: 5)
        let lengths = (0..<4096).map { _ in Int.random(in: 10...260, using: &random) }
        var order = BatchOrder(lengths: lengths, size: 32, seed: 1)
        let spreads = (0..<UInt64(order.batchesPerPass)).map { step in
            let found = order.batch(of: step).map { lengths[$0] }
            return (found.max() ?? 0) - (found.min() ?? 0)
        }
        #expect(spreads.reduce(0, +) / spreads.count < 20, "unsorted, it is above 230")
    }

    @Test func passesAndSeedsHaveOrdersOfTheirOwn() {
        let lengths = Array(repeating: 5, count: 640)
        var first = BatchOrder(lengths: lengths, size: 32, seed: 1)
        var second = BatchOrder(lengths: lengths, size: 32, seed: 2)
        #expect(first.batch(of: 0) != first.batch(of: 20))
        #expect(first.batch(of: 0) != second.batch(of: 0))
    }
}
