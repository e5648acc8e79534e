import EADCore
import EADTestKit
import Foundation
import Testing

@testable import EADSampling

/// What temperatures are made of, against the system's library, which may differ in the last bits.
struct ExponentialTests {
    private func distance(_ a: Double, _ b: Double) -> Double { a == b ? 0 : abs(a - b) / b.ulp }

    @Test func theyAreTheFunctionsOfTheLibraryToTwoUnitsInTheLastPlace() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<50_000 {
            let wide = (random.uniform() - 0.5) * 1400
            let near = (random.uniform() - 0.5) * 6
            let tiny = near * pow(10, -8 * random.uniform())
            #expect(self.distance(Exponential.exp(wide), exp(wide)) <= 2)
            #expect(self.distance(Exponential.exp(near), exp(near)) <= 2)
            #expect(self.distance(Exponential.expm1(tiny), expm1(tiny)) <= 2)
            let positive = exp(near * 10)
            #expect(self.distance(Exponential.log(positive), log(positive)) <= 2)
        }
    }

    @Test func theirEndsAreThoseOfTheLibrary() {
        for x in [0, -0.0, .infinity, -.infinity, 709.7, 709.9, -745, -746, 1e300, -1e300, .leastNonzeroMagnitude] {
            #expect(self.distance(Exponential.exp(x), exp(x)) <= 2 || exp(x) < .leastNormalMagnitude, "exp \(x)")
        }
        #expect(Exponential.exp(-745.1) > 0 && Exponential.exp(-746) == 0 && Exponential.exp(.nan).isNaN)
        #expect(Exponential.log(1) == 0 && Exponential.expm1(0) == 0)
    }

    /// So a run that was begun with a library's functions goes on with the same temperatures.
    @Test func temperaturesAreThoseOfTheLibrarysExponential() {
        for (clock, initialDecay) in [(1.0, 25.0), (20, 25), (1, 16), (1, 54.9)] {
            let schedule = AnnealedSchedule(initialDecay: initialDecay, clock: clock)
            for step in stride(from: 0 as UInt64, to: 400, by: 7) {
                for position in 0..<600 {
                    let phase = Double(position) / (clock * schedule.decay(at: GlobalStep(step)))
                    let expected = Float(max(1 + schedule.maximum - exp(phase), schedule.minimum))
                    #expect(schedule.temperature(at: position, step: GlobalStep(step)) == expected)
                }
            }
        }
    }
}
