import EADCore
import EADTestKit
import Testing

@testable import EADReport

struct AxisTests {
    private func labels(_ axis: Axis) -> [String] { axis.ticks.map { axis.label($0) } }

    @Test func valuesEndInRoundNumbers() {
        let axis = Axis(values: 0.45...0.93, bounds: nil, minimumSpan: 0, ticks: 4)
        #expect(self.labels(axis) == ["0.00", "0.25", "0.50", "0.75", "1.00"])
        let high = Axis(values: 55.2...66.9, bounds: 0...100, minimumSpan: 10, ticks: 4)
        #expect(self.labels(high) == ["55", "60", "65", "70"])
        let speed = Axis(values: 13_200...17_100, bounds: nil, minimumSpan: 0, ticks: 4)
        #expect(self.labels(speed).first == "13\u{202F}000" && self.labels(speed).last == "18\u{202F}000")
        let small = Axis(values: 0...0.00019, bounds: nil, minimumSpan: 0, ticks: 4)
        #expect(self.labels(small) == ["0", "5e\u{2212}5", "1e\u{2212}4", "1.5e\u{2212}4", "2e\u{2212}4"])
    }

    /// A share that hardly moves must not look as if it did.
    @Test func aShareShowsAtLeastTenPoints() {
        let axis = Axis(values: 50.1...50.3, bounds: 0...100, minimumSpan: 10, ticks: 4)
        #expect(axis.domain.upperBound - axis.domain.lowerBound >= 10)
        let zero = Axis(values: 0...0, bounds: 0...100, minimumSpan: 10, ticks: 4)
        #expect(zero.domain == 0...10)
        let full = Axis(values: 100...100, bounds: 0...100, minimumSpan: 10, ticks: 4)
        #expect(full.domain.upperBound == 100 && full.domain.lowerBound <= 90)
    }

    @Test func ratiosOverManyMagnitudesAreLogarithmic() {
        let axis = Axis(values: 0.5...1100, bounds: nil, minimumSpan: 0, ticks: 4)
        #expect(axis.isLogarithmic)
        #expect(self.labels(axis) == ["1", "10", "100", "1000"])
        #expect(axis.position(of: 0.5) == 0 && abs(axis.position(of: 1100) - 1) < 1e-12)
        #expect(!Axis(values: 0...1100, bounds: nil, minimumSpan: 0, ticks: 4).isLogarithmic)
        #expect(!Axis(values: 0.1...99, bounds: 0...100, minimumSpan: 10, ticks: 4).isLogarithmic)
    }

    @Test(arguments: 0..<300) func ticksAreFewDistinctAndCoverTheValues(seed: Int) {
        var random = SplitMix64(seed: seed)
        let size = [1e-9, 1e-4, 1, 50, 1e6, 1e12][seed % 6]
        let low = Double.random(in: -size...size, using: &random)
        let high = low + Double.random(in: 0...size, using: &random) * (random.chance(0.2) ? 0 : 1)
        let axis = Axis(values: low...high, bounds: nil, minimumSpan: 0, ticks: 4)
        let slack = (axis.domain.upperBound - axis.domain.lowerBound) * 1e-9
        #expect(axis.domain.lowerBound <= low + slack && high <= axis.domain.upperBound + slack)
        #expect((2...8).contains(axis.ticks.count), "\(axis.ticks)")
        #expect(Set(self.labels(axis)).count == axis.ticks.count, "\(self.labels(axis))")
        #expect(axis.ticks.allSatisfy { (-1e-6...1 + 1e-6).contains(axis.position(of: $0)) })
    }

    @Test(arguments: [0, 1, 2, 3, 7, 39, 40, 200, 440, 99_999, 1_000_000]) func stepsAreWhole(last: Int) {
        let axis = Axis(steps: 0...Double(last), ticks: 5)
        #expect(axis.ticks.allSatisfy { $0 == $0.rounded() } && axis.ticks.first == 0)
        #expect((2...7).contains(axis.ticks.count))
        #expect(Set(self.labels(axis)).count == axis.ticks.count)
    }
}
