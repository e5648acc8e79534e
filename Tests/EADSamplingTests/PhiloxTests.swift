import EADCore
import EADSampling
import Testing

struct PhiloxTests {
    /// The known-answer vectors that Random123 publishes for philox4x32-10.
    @Test func theKnownAnswersOfThePublicationAreReproduced() {
        #expect(
            Philox.block(counter: [0, 0, 0, 0], key: [0, 0])
                == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        let ones = UInt32.max
        #expect(
            Philox.block(counter: [ones, ones, ones, ones], key: [ones, ones])
                == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
        #expect(
            Philox.block(
                counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], key: [0xa409_3822, 0x299f_31d0])
                == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
    }

    @Test func everyFieldOfAKeyAndThePositionChangesTheNumber() {
        let base = SampleKey(seed: 1, purpose: .training, step: GlobalStep(2), problem: 3, sample: 4)
        var keys = [base]
        for change: (inout SampleKey) -> Void in [
            { $0.seed = 2 }, { $0.purpose = .evaluation }, { $0.step = GlobalStep(3) },
            { $0.step = GlobalStep(1 << 40) },
            { $0.problem = 4 }, { $0.sample = 3 },
        ] {
            var key = base
            change(&key)
            keys.append(key)
        }
        let draws = keys.map { key in (0..<8).map { key.uniform(at: $0) } }
        #expect(Set(draws).count == keys.count)
        #expect(draws[0] == (0..<8).map { base.uniform(at: $0) })
        #expect(Set(draws.flatMap { $0 }).count == 8 * keys.count)
    }

    @Test func uniformNumbersAreMultiplesOfTwoToTheMinus24AndEvenlySpread() {
        var cells = [Int](repeating: 0, count: 16)
        for sample in 0..<40 as Range<UInt32> {
            let key = SampleKey(seed: 11, purpose: .training, step: GlobalStep(0), problem: 0, sample: sample)
            for position in 0..<400 {
                let uniform = key.uniform(at: position)
                #expect(uniform >= 0 && uniform < 1 && (uniform * 0x1p24).rounded() == uniform * 0x1p24)
                cells[Int(uniform * 16)] += 1
            }
        }
        // Chi-square with 15 degrees of freedom: above 45 once in 10^4 draws of a fair generator.
        let chiSquare = cells.reduce(0.0) { $0 + (Double($1) - 1000) * (Double($1) - 1000) / 1000 }
        #expect(chiSquare < 45)
    }

    @Test func neighbouringSeedsAndStepsDoNotMeet() {
        var seen: Set<[Float]> = []
        for seed in 0..<16 as Range<UInt64> {
            for step in 0..<64 as Range<UInt64> {
                let key = SampleKey(seed: seed, purpose: .training, step: GlobalStep(step), problem: 0, sample: 0)
                seen.insert((0..<4).map { key.uniform(at: $0) })
            }
        }
        #expect(seen.count == 16 * 64)
    }

    /// seed, step, position, sample, problem, purpose, 2^24 u: printed by scripts/reference/sampling.py.
    @Test(
        arguments: [
            (0, 0, 0, 0, 0, .training, 391861), (0, 0, 0, 0, 0, .evaluation, 15_500_815),
            (42, 7, 3, 5, 11, .training, 15_138_418),
            (.max, 1 << 40, 3071, 15, .max, .evaluation, 5_437_879),
        ] as [(UInt64, UInt64, Int, UInt32, UInt32, Purpose, Float)])
    func uniformsAreThoseOfTheDocumentedLayout(
        seed: UInt64, step: UInt64, position: Int, sample: UInt32, problem: UInt32, purpose: Purpose, scaled: Float
    ) {
        let key = SampleKey(seed: seed, purpose: purpose, step: GlobalStep(step), problem: problem, sample: sample)
        #expect(key.uniform(at: position) * 0x1p24 == scaled)
    }

    /// Fixed values, as scripts/reference/sampling.py prints them: a change would reorder every run's prompts.
    @Test func aPermutationIsFixedBySeedAndStream() {
        let order = permutation(count: 10, seed: 5, stream: 0)
        #expect(order == permutation(count: 10, seed: 5, stream: 0))
        #expect(order == [9, 0, 2, 3, 5, 8, 4, 1, 7, 6])
        #expect(order != permutation(count: 10, seed: 5, stream: 1))
        #expect(order != permutation(count: 10, seed: 6, stream: 0))
        for count in 0..<50 {
            #expect(permutation(count: count, seed: 9, stream: 3).sorted() == Array(0..<count))
        }
    }

    @Test func everyOrderOfFourIsEquallyLikely() {
        var counts: [[Int]: Int] = [:]
        for stream in 0..<4800 as Range<UInt64> {
            counts[permutation(count: 4, seed: 3, stream: stream), default: 0] += 1
        }
        #expect(counts.count == 24)
        // Chi-square with 23 degrees of freedom: above 58 once in 10^4.
        #expect(counts.values.reduce(0.0) { $0 + Double(($1 - 200) * ($1 - 200)) / 200 } < 58)
    }

    /// seed, step, mini-batch, first two numbers: printed by scripts/reference/sampling.py.
    @Test(
        arguments: [
            (5, 0, 0, 0xcfe9_f19b_a902_ad4f, 0xa279_33d9_365f_4a71),
            (5, 0, 1, 0xb898_787d_e011_787e, 0x2a3c_1af1_dfda_4ba6),
            (5, 7, 1, 0x9228_0086_fd56_93ba, 0x2e61_eeb3_e61d_1775),
            (6, 7, 1, 0x2c17_96d7_c857_ed19, 0x99b3_0e9c_a436_30d7),
        ] as [(UInt64, UInt64, UInt32, UInt64, UInt64)])
    func everyMiniBatchHasItsOwnNumbers(seed: UInt64, step: UInt64, batch: UInt32, first: UInt64, second: UInt64) {
        var generator = PhiloxGenerator(seed: seed, step: GlobalStep(step), miniBatch: batch)
        #expect(generator.next() == first)
        #expect(generator.next() == second)
    }

    @Test func boundedNumbersCoverTheirRange() {
        var generator = PhiloxGenerator(seed: 1)
        for bound in [1, 2, 3, 7, 1 << 63, .max] as [UInt64] {
            for _ in 0..<200 { #expect(generator.below(bound) < bound) }
        }
        #expect(Set((0..<200).map { _ in generator.below(3) }) == [0, 1, 2])
    }
}
