import Testing

@testable import EADOperations

@Suite struct StatusTableTests {
    @Test(arguments: [
        (0, "0 ms"), (850, "850 ms"), (12_999, "12 s"), (200_000, "3 min 20 s"), (7_500_000, "2 h 5 min"),
    ])
    func aDurationIsTold(milliseconds: UInt64, text: String) {
        #expect(StatusTable.duration(milliseconds) == text)
    }

    @Test(arguments: [
        (0.5, 0, "1"), (-0.04, 1, "0.0"), (-0.06, 1, "-0.1"), (1.005, 3, "1.005"), (12.0, 2, "12.00"),
        (.nan, 2, "nan"), (1e20, 1, "1e+20"),
    ])
    func aNumberHasItsDecimals(value: Double, decimals: Int, text: String) {
        #expect(StatusTable.number(value, decimals) == text)
    }

    @Test func columnsAreAsWideAsTheirWidestCellAndTheLastIsNotPadded() {
        #expect(StatusTable.align([["a", "bb", "c"], ["aaa", "b"]]) == "a    bb  c\naaa  b")
    }
}
