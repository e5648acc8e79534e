package import EADCore
package import EADEnvironments
import EADSampling

/// Demonstrations to train on and those held out; of one prompt all are on one side.
package struct DemonstrationSplit: Sendable {
    package let training: [Demonstration]
    package let heldOut: [Demonstration]

    /// How many are held out where nobody says: a twentieth, and no more than tell the loss well.
    package static func usualHeldOut(of count: Int) -> Int { min(count / 20, 256) }

    /// - Parameter heldOut: As many demonstrations, and of the prompt that fills up the number all.
    /// - Throws: `RoleFailure` when none would be left to train on.
    package init(_ all: [Demonstration], heldOut: Int, seed: UInt64) throws(RoleFailure) {
        var numbers: [[TokenID]: Int] = [:]
        let prompts = all.map { demonstration in
            let number = numbers[demonstration.prompt] ?? numbers.count
            numbers[demonstration.prompt] = number
            return number
        }
        var counts = [Int](repeating: 0, count: numbers.count)
        for prompt in prompts { counts[prompt] += 1 }
        var isHeldOut = [Bool](repeating: false, count: numbers.count)
        var missing = heldOut
        for prompt in permutation(count: numbers.count, seed: seed, stream: FineTuningStream.split) where missing > 0 {
            isHeldOut[prompt] = true
            missing -= counts[prompt]
        }
        func taken(_ side: Bool) -> [Demonstration] { zip(all, prompts).filter { isHeldOut[$1] == side }.map(\.0) }
        self.training = taken(false)
        self.heldOut = taken(true)
        guard !self.training.isEmpty else {
            throw RoleFailure(
                .data,
                "holding out \(heldOut) of \(all.count) demonstrations of \(numbers.count) prompts leaves none to train on"
            )
        }
    }
}

/// Which stream of a seed's random numbers is for what.
enum FineTuningStream {
    static let split = UInt64.max
    /// The order of the demonstrations of a pass.
    static func demonstrations(of pass: UInt64) -> UInt64 { 2 * pass }
    /// The order of the batches of a pass.
    static func batches(of pass: UInt64) -> UInt64 { 2 * pass + 1 }
}
