import EADTestKit
import Foundation
import Testing

@testable import EADAlgorithms

@Suite struct LearningRateScheduleTests {
    private func schedule(_ shape: LearningRateSchedule.Shape, floor: Double = 0.1) -> LearningRateSchedule {
        LearningRateSchedule(shape: shape, peak: 3e-4, warmupSteps: 10, decaySteps: 110, floor: floor)
    }

    @Test(arguments: LearningRateSchedule.Shape.allCases)
    func theRateRisesInEqualStepsToItsPeak(_ shape: LearningRateSchedule.Shape) {
        let rates = (0..<10).map { self.schedule(shape).rate(at: $0) }
        for (step, rate) in rates.enumerated() { #expect(abs(rate - 3e-4 * Double(step + 1) / 10) < 1e-18) }
        #expect(rates[9] == 3e-4)
        #expect(self.schedule(shape).rate(at: 10) == 3e-4)
    }

    @Test func aConstantRateStaysAtItsPeakForEver() {
        for step: UInt64 in [10, 110, 111, 1 << 40] { #expect(self.schedule(.constant).rate(at: step) == 3e-4) }
        #expect(LearningRateSchedule(peak: 1e-6).rate(at: 0) == 1e-6)
    }

    @Test(arguments: [LearningRateSchedule.Shape.linear, .cosine], [0, 0.1, 1])
    func aDecayNeverRisesAndEndsAtItsFloor(_ shape: LearningRateSchedule.Shape, _ floor: Double) {
        let schedule = self.schedule(shape, floor: floor)
        let rates = (10...112).map { schedule.rate(at: $0) }
        for (earlier, later) in zip(rates, rates.dropFirst()) { #expect(later <= earlier) }
        #expect(rates.allSatisfy { $0 >= 3e-4 * floor })
        #expect(rates.suffix(3) == Array(repeating: 3e-4 * floor, count: 3)[...])
        #expect(abs(schedule.rate(at: 60) - 3e-4 * (floor + (1 - floor) / 2)) < 1e-18, "half of it is half way")
    }

    @Test func aLinearDecayTakesEqualSteps() {
        let schedule = self.schedule(.linear, floor: 0)
        for step: UInt64 in 10..<110 {
            #expect(abs(schedule.rate(at: step) - 3e-4 * (1 - Double(step - 10) / 100)) < 1e-18)
        }
    }

    @Test func theCosineIsThatOfTheLibrary() {
        for index in 0...10_000 {
            let x = Double(index) / 10_000
            #expect(abs(LearningRateSchedule.cosine(ofHalfTurns: x) - cos(Double.pi * x)) < 4e-16, "\(x)")
        }
        #expect(LearningRateSchedule.cosine(ofHalfTurns: 0) == 1)
        #expect(LearningRateSchedule.cosine(ofHalfTurns: 1) == -1)
    }
}
