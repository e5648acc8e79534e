import EADCore
import EADTestKit
import Testing

@testable import EADReport

struct LabelPlacementTests {
    @Test func labelsThatDoNotTouchStay() {
        #expect(LabelPlacement.spread([50, 10, 90], gap: 13, within: 0...100) == [50, 10, 90])
    }

    @Test func labelsOnOneSpotAreCentredOnIt() {
        #expect(LabelPlacement.spread([50, 50, 50], gap: 10, within: 0...100) == [40, 50, 60])
        #expect(LabelPlacement.spread([98, 99], gap: 10, within: 0...100) == [90, 100])
    }

    @Test(arguments: 0..<300) func noTwoOverlapAndTheOrderIsKept(seed: Int) {
        var random = SplitMix64(seed: seed)
        let wished = (0..<Int.random(in: 1...12, using: &random)).map { _ in
            Double.random(in: -20...220, using: &random)
        }
        let places = LabelPlacement.spread(wished, gap: 13, within: 0...200)
        #expect(places.allSatisfy { (-1e-9...200 + 1e-9).contains($0) })
        let order = wished.indices.sorted { wished[$0] < wished[$1] }
        for (one, next) in zip(order, order.dropFirst()) {
            #expect(places[next] - places[one] >= 13 - 1e-9, "\(wished) to \(places)")
        }
    }

    /// More labels than fit are spread over the whole range.
    @Test func tooManyShareTheRoom() {
        #expect(LabelPlacement.spread([5, 5, 5, 5, 5], gap: 13, within: 0...20) == [0, 5, 10, 15, 20])
    }
}
