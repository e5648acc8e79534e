import EADCore
import EADSampling
import Foundation
import Testing

struct TemperatureScheduleTests {
    /// clock, warmup, step, position, tau: printed by scripts/reference/sampling.py.
    @Test(arguments: [
        (1, 0, 0, 0, 1.200000000000), (1, 0, 0, 4, 1.026489129008), (1, 0, 0, 5, 0.978597241840),
        (1, 0, 0, 18, 0.145566789356), (1, 0, 0, 19, 0.100000000000), (1, 10, 0, 9, 1.000000000000),
        (1, 10, 0, 10, 0.708175302359), (1, 10, 10, 14, 0.994774523740), (1, 10, 10, 15, 0.978597241840),
        (1, 10, 50, 203, 0.107871815093), (1, 10, 100, 3071, 0.100000000000), (20, 10, 0, 10, 1.179798659973),
        (20, 10, 0, 91, 1.000385806120), (20, 10, 0, 92, 0.997984176904), (20, 10, 0, 371, 0.100000000000),
        (20, 10, 50, 3072, 0.451872081378), (20, 10, 100, 3072, 0.860131561966), (20, 10, 440, 3072, 1.128527674416),
        (1, 10, 7995, 20000, 0.551278729300), (1, 10, 1_000_000_000, 20000, 0.551278729300),
    ])
    func theFormulaIsThePapers(clock: Double, warmup: Int, step: UInt64, position: Int, tau: Double) {
        let schedule = TemperatureSchedule.annealed(AnnealedSchedule(warmup: warmup, clock: clock))
        let found = schedule.temperature(at: position, step: GlobalStep(step))
        #expect(abs(found - Float(tau)) <= Float(tau).ulp)
    }

    /// shape, clock, d_0, growth, limit, horizon, step, position, tau: printed by scripts/reference/sampling.py.
    @Test(
        arguments: [
            (.reverse, 1, 8, 5, 40000, 1, 0, 0, 1.100000000000),
            (.reverse, 20, 25, 5, 40000, 1, 3, 10, 1.112578451541),
            (.reverse, 1, 8, 0, 40000, 1, 0, 1, 1.200000000000),
            (.linear, 1, 8, 5, 40000, 1, 0, 3, 0.787500000000),
            (.linear, 20, 25, 5, 40000, 1, 10, 700, 0.686666666667),
            (.linear, 1, 8, 0, 40000, 1, 0, 9, 0.100000000000),
            (.twoStage, 1, 8, 0, 40000, 1, 0, 3, 1.200000000000),
            (.twoStage, 1, 8, 0, 40000, 1, 0, 4, 0.100000000000),
            (.twoStage, 20, 25, 5, 40000, 1, 1, 299, 1.200000000000),
            (.meanMatched, 1, 8, 5, 40000, 1, 0, 0, 0.558068423932),
            (.meanMatched, 20, 25, 5, 40000, 1, 9, 900, 0.558068423932),
            (.stepOnly, 1, 8, 1, 40000, 15, 0, 7, 0.344303159430),
            (.stepOnly, 1, 8, 1, 40000, 15, 20, 7, 0.877152536872),
            (.stepOnly, 20, 25, 5, 40000, 3072, 100, 0, 1.038340299687),
            (.exponential, 20, 25, 0, 40000, 1, 50, 300, 0.703692799703),
            (.exponential, 20, 25, 5, 2000, 1, 1000, 300, 1.191780860301),
            (.exponential, 1, 8, 5, 40000, 1, 0, 0, 1.200000000000),
            (.exponentialBoth, 20, 25, 5, 40000, 1, 0, 0, 1.200000000000),
            (.exponentialBoth, 20, 25, 5, 40000, 1, 40, 0, 0.242275821594),
            (.exponentialBoth, 20, 25, 5, 40000, 1, 10, 99, 0.677855443952),
            (.stepDecay, 1, 50, 5, 40000, 1, 0, 9, 1.200000000000),
            (.stepDecay, 20, 50, 5, 40000, 1, 70, 9, 0.371256660336),
            (.stepGrowth, 1, 50, 5, 40000, 1, 0, 9, 0.100000000000),
            (.stepGrowth, 20, 50, 5, 40000, 1, 70, 9, 0.928743339664),
            (.stepGrowth, 1, 50, 5, 40000, 1, 200, 9, 1.000000000000),
        ] as [(ScheduleShape, Double, Double, Double, Double, Int, UInt64, Int, Double)])
    func otherShapesFollowTheirFormulas(
        shape: ScheduleShape, clock: Double, initialDecay: Double, growth: Double, limit: Double, horizon: Int,
        step: UInt64, position: Int, tau: Double
    ) {
        let schedule = AnnealedSchedule(
            shape: shape, initialDecay: initialDecay, decayGrowth: growth, decayLimit: limit, warmup: 0, clock: clock,
            horizon: horizon)
        #expect(abs(schedule.temperature(at: position, step: GlobalStep(step)) - Float(tau)) < 1e-6)
    }

    @Test func everyShapeKeepsItsPromises() {
        for shape in ScheduleShape.allCases {
            func tau(_ position: Int, _ step: UInt64) -> Float {
                AnnealedSchedule(shape: shape, initialDecay: 8, warmup: 3, horizon: 20)
                    .temperature(at: position, step: GlobalStep(step))
            }
            #expect((0..<3).allSatisfy { tau($0, 5) == 1 })
            let overPositions = (3..<200).map { tau($0, 5) }
            let overSteps = (0..<200 as Range<UInt64>).map { tau(10, $0) }
            #expect((overPositions + overSteps).allSatisfy { $0 >= 0.001 && $0 <= Float(1.2) })
            if shape != .exponentialBoth { #expect((overPositions + overSteps).allSatisfy { $0 >= Float(0.1) }) }
            let isFlat = Set(overPositions).count == 1
            #expect(isFlat == [.meanMatched, .stepOnly, .stepDecay, .stepGrowth].contains(shape), "\(shape)")
            if shape != .exponentialBoth {
                let falls = zip(overPositions, overPositions.dropFirst()).allSatisfy { $0 >= $1 }
                #expect(falls == (shape != .reverse || isFlat), "\(shape)")
            }
            #expect((Set(overSteps).count == 1) == (shape == .meanMatched), "\(shape)")
        }
    }

    @Test func temperaturesStayInBoundsFallWithThePositionAndRiseWithTheStep() {
        var random = PhiloxGenerator(seed: 7)
        for _ in 0..<2000 {
            let minimum = 0.05 + random.uniform()
            let schedule = AnnealedSchedule(
                maximum: minimum + random.uniform(), minimum: minimum, initialDecay: 0.1 + 100 * random.uniform(),
                decayGrowth: 10 * random.uniform(), decayLimit: 1 + 1000 * random.uniform(),
                warmup: Int(random.below(20)), clock: 0.5 + 20 * random.uniform())
            let position = schedule.warmup + Int(random.below(5000))
            let step = GlobalStep(random.below(1000))
            let here = schedule.temperature(at: position, step: step)
            #expect(here >= Float(schedule.minimum) && here <= Float(schedule.maximum))
            #expect(schedule.temperature(at: position + 1, step: step) <= here)
            #expect(schedule.temperature(at: position, step: step.next) >= here)
            #expect(position == 0 || schedule.warmup == 0 || schedule.temperature(at: 0, step: step) == 1)
        }
    }

    @Test func noPositionOrStepOverflows() {
        for (shape, clock) in ScheduleShape.allCases.flatMap({ shape in [1e-300, 1, 1e300].map { (shape, $0) } }) {
            for decay in [1e-300, 25, 1e300] {
                let schedule = AnnealedSchedule(
                    shape: shape, initialDecay: decay, decayLimit: decay, warmup: 0, clock: clock, horizon: .max)
                for position in [0, 1, 3072, Int(UInt32.max), .max] {
                    for step in [0, 1, UInt64.max] {
                        let tau = schedule.temperature(at: position, step: GlobalStep(step))
                        #expect(tau >= (shape == .exponentialBoth ? 0.001 : 0.1) && tau <= 1.2, "\(shape)")
                    }
                }
            }
        }
    }

    @Test func aConstantHasNoDecay() {
        let schedule = TemperatureSchedule.constant(0.6)
        #expect(schedule.temperature(at: 5, step: GlobalStep(3)) == 0.6)
        #expect(schedule.decay(at: GlobalStep(3)) == nil)
        #expect(TemperatureSchedule.annealed(AnnealedSchedule()).decay(at: GlobalStep(3)) == 40)
    }

    @Test func kindsAreCalledByTheirNames() {
        let names = ScheduleKind.allCases.map(\.rawValue)
        #expect(names.prefix(4) == ["ead", "ead-released", "constant", "reverse"])
        #expect(Set(names).count == ScheduleShape.allCases.count + 2)
        #expect(ScheduleKind(rawValue: "warm") == nil)
        for kind in ScheduleKind.allCases {
            #expect(ScheduleKind(rawValue: kind.rawValue) == kind)
            #expect(ScheduleKind(kind.schedule) == (kind == .released ? .shape(.ead) : kind))
        }
    }

    /// Each parameter is changed alone: a shape depends on it exactly if it says so.
    @Test func aShapeDependsOnTheParametersItNames() {
        func temperatures(_ schedule: AnnealedSchedule) -> [Float] {
            (0..<60 as Range<UInt64>).flatMap { step in
                (0..<60).map { schedule.temperature(at: $0, step: GlobalStep(step)) }
            }
        }
        let changes: [(ScheduleShape.Parameter, (inout AnnealedSchedule) -> Void)] = [
            (.initialDecay, { $0.initialDecay = 9 }), (.growth, { $0.decayGrowth = 2 }),
            (.growth, { $0.decayLimit = 20 }), (.clock, { $0.clock = 2 }), (.horizon, { $0.horizon = 30 }),
        ]
        for shape in ScheduleShape.allCases {
            let schedule = AnnealedSchedule(shape: shape, initialDecay: 8, decayGrowth: 1, warmup: 3, horizon: 20)
            let before = temperatures(schedule)
            for (parameter, change) in changes {
                var changed = schedule
                change(&changed)
                let matters = temperatures(changed) != before
                #expect(matters == shape.parameters.contains(parameter), "\(shape) and \(parameter)")
            }
        }
    }
}
