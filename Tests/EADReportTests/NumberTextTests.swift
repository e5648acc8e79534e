import Testing

@testable import EADReport

struct NumberTextTests {
    @Test func fixedDecimals() {
        #expect(NumberText.fixed(59.949, decimals: 1) == "59.9")
        #expect(NumberText.fixed(0.05, decimals: 2) == "0.05")
        #expect(NumberText.fixed(-0.004, decimals: 2) == "0.00")
        #expect(NumberText.fixed(-1.5, decimals: 1) == "\u{2212}1.5")
        #expect(NumberText.fixed(1234567, decimals: 0) == "1\u{202F}234\u{202F}567")
        #expect(NumberText.fixed(9999, decimals: 0) == "9999")
        #expect(NumberText.fixed(.nan, decimals: 1) == "NaN")
        #expect(NumberText.fixed(-.infinity, decimals: 1) == "\u{2212}\u{221E}")
    }

    @Test func shortNumbers() {
        #expect(NumberText.short(0) == "0")
        #expect(NumberText.short(18.5) == "18.5")
        #expect(NumberText.short(25.75) == "25.8")
        #expect(NumberText.short(100) == "100")
        #expect(NumberText.short(0.0123456) == "0.0123")
        #expect(NumberText.short(0.00002) == "2e\u{2212}5")
        #expect(NumberText.short(-3.25e12) == "\u{2212}3.3e12")
        #expect(NumberText.scientific(9.99e-5) == "1e\u{2212}4")
    }
}
