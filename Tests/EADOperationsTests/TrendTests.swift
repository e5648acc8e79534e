import Testing

@testable import EADOperations

struct TrendTests {
    @Test func barsReachFromTheLeastToTheMost() {
        #expect(Trend.line([0, 1, 2, 3, 4, 5, 6, 7], width: 8) == "▁▂▃▄▅▆▇█")
        #expect(Trend.line([1, nil, .nan, 3], width: 8) == "▁  █")
        #expect(Trend.line([2, 2], width: 8) == "▅▅")
        #expect(Trend.line([nil], width: 8) == " " && Trend.line([], width: 8).isEmpty)
    }

    @Test func moreValuesThanBarsAreMeansOfNeighbours() {
        #expect(Trend.line([0, 0, 1, 1, 2, 2], width: 3) == "▁▅█")
        #expect(Trend.line((0..<1000).map { Double($0) }, width: 40).count == 40)
    }
}
