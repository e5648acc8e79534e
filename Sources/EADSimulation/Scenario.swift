import EADAlgorithms
import EADConfiguration
import EADController
import EADCore
import EADProtocol
import EADTestKit

/// A simulated run in a line: what it is like, and what goes wrong in it.
///
/// `seed=7 bound=2 workers=3 slots=4 seconds=600 death=0.03 liars=1`; what is not named does not happen.
package struct Scenario: Hashable, Sendable {
    var seed: UInt64 = 1
    /// The staleness bound.
    var bound: UInt64 = 0
    /// What becomes of groups under way; of a bound above 0.
    var swap = TrainingConfiguration.WeightSwap.pinned
    var workers = 3
    /// Groups that a step may take; more than 4 of them are for a filter that refuses half.
    var slots = 4
    /// Of training.
    var steps: UInt64 = 8
    /// Virtual seconds after which nothing goes wrong that is not for ever.
    var seconds = 600
    /// By the names of `Simulation.Faults`.
    var rates: [String: Double] = [:]
    var numbers: [String: Int] = [:]
    var mutant: Simulation.Mutant?

    init() {}

    /// Draws one: how many workers, which bound, which kinds of faults together, each of them rare or frequent.
    /// - Parameter mutant: A promise that is broken in it, if it comes to that.
    package init(drawnFrom seed: UInt64, mutant: Simulation.Mutant? = nil) {
        self.mutant = mutant
        var random = SplitMix64(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        self.seed = seed
        self.bound = [0, 1, 2, 4][random.below(4)]
        self.workers = 1 + random.below(8)
        self.slots = [4, 4, 8, 40][random.below(4)]
        self.seconds = 30 << random.below(5)
        let largest: [String: Double] = [
            "death": 0.04, "double_death": 0.02, "tear": 0.01, "old_files": 0.5,
            "failing_disk": 0.02, "full_disk": 0.02, "power_cut": 0.02, "pause": 0.02, "loss": 0.1,
            "duplication": 0.1, "late": 0.7, "echo": 0.3, "nonsense": 0.5, "cut": 0.03, "link_cut": 0.02, "drain": 0.03,
            "clock_drift": 0.2,
        ]
        for kind in Simulation.Faults.Kind.allCases where random.chance(0.4) {
            // Over two decades.
            self.rates[kind.name] = (largest[kind.name] ?? 0) * [0.01, 0.03, 0.1, 0.3, 1][random.below(5)]
        }
        // A controller that went back gives epochs a second time, and could not tell late letters from new ones.
        if self.rates["old_files"] != nil { self.rates["late"] = nil }
        for (name, _) in Simulation.Faults.numbers where random.chance(0.2) && self.workers > 1 {
            self.numbers[name] = 1 + random.below(self.workers - 1)
        }
        // A lie in a group that the filter refuses is never computed, and so not found out.
        if self.slots > 4 { self.numbers["liars"] = nil }
        // Somebody has to do the work.
        let useless = (self.numbers["liars"] ?? 0) + (self.numbers["failing"] ?? 0)
        if useless >= self.workers { self.numbers["failing"] = nil }
        if self.bound > 0, random.chance(0.5) { self.swap = .keep }
        // Most of what can happen happens in a short run, and there is time for more of them.
        self.steps = [1, 2, 4, 8][random.below(4)]
    }

    func simulation() -> Simulation {
        var faults = Simulation.Faults()
        for kind in Simulation.Faults.Kind.allCases { faults[keyPath: kind.rate] = self.rates[kind.name] ?? 0 }
        for (name, number) in Simulation.Faults.numbers { faults[keyPath: number] = self.numbers[name] ?? 0 }
        faults.end = .seconds(self.seconds)
        faults.mutant = self.mutant
        var settings = Simulation.settings(
            workers: self.workers, maximumSlots: self.slots, bound: self.bound, steps: self.steps)
        settings.terms.maximumAttempts = 1000
        let simulation = Simulation(
            seed: self.seed, workers: self.workers, settings: settings, filter: self.slots > 4 ? .mixed : .none,
            faults: faults)
        simulation.weightSwap = self.swap
        return simulation
    }

    /// The simulation at its end.
    package func run() -> Simulation {
        let simulation = self.simulation()
        simulation.run(limit: .seconds(self.seconds) + .seconds(2400))
        return simulation
    }

    // MARK: Shrinking

    /// The same failure with as little as it takes: kinds of faults are left out one after another, then workers, time and
    /// everything that makes a run long.
    /// - Parameter fails: Whether a scenario still does what it should not.
    func smallest(_ fails: (Scenario) -> Bool) -> Scenario {
        var smallest = self
        func attempt(_ change: (inout Scenario) -> Void) -> Bool {
            var smaller = smallest
            change(&smaller)
            guard smaller != smallest, fails(smaller) else { return false }
            smallest = smaller
            return true
        }
        for name in self.rates.keys.sorted() { _ = attempt { $0.rates[name] = nil } }
        for name in self.numbers.keys.sorted() { _ = attempt { $0.numbers[name] = nil } }
        _ = attempt { $0.slots = 4 }
        _ = attempt { $0.swap = .pinned }
        _ = attempt { $0.bound = 0 }
        // Where nobody is left who does the work no run ends.
        let useless = (smallest.numbers["liars"] ?? 0) + (smallest.numbers["failing"] ?? 0)
        while smallest.workers > 1 + useless, attempt({ $0.workers -= 1 }) {}
        while smallest.steps > 1, attempt({ $0.steps /= 2 }) {}
        while smallest.seconds > 1, attempt({ $0.seconds /= 2 }) {}
        return smallest
    }
}

extension Scenario {
    /// The command that has the same failure again, with as little as it takes.
    package var reproduction: String {
        let smallest = self.smallest { !$0.run().brokenPromises.isEmpty }
        return "swift run cluster-soak --scenario '\(smallest)'"
    }
}

extension Scenario: CustomStringConvertible {
    package var description: String {
        var words = [
            "seed=\(self.seed)", "bound=\(self.bound)", "workers=\(self.workers)", "slots=\(self.slots)",
            "steps=\(self.steps)", "seconds=\(self.seconds)",
        ]
        if self.swap != .pinned { words.append("swap=\(self.swap.rawValue)") }
        words += self.rates.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        words += self.numbers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        if let mutant = self.mutant { words.append("mutant=\(mutant.rawValue)") }
        return words.joined(separator: " ")
    }

    /// Nil for anything that `description` does not write.
    package init?(_ text: String) {
        for word in text.split(separator: " ") {
            let parts = word.split(separator: "=", omittingEmptySubsequences: false).map { String($0) }
            guard parts.count == 2 else { return nil }
            let (name, value) = (parts[0], parts[1])
            func take<Value>(_ place: WritableKeyPath<Scenario, Value>, _ value: Value?) -> Bool {
                guard let value else { return false }
                self[keyPath: place] = value
                return true
            }
            let isTaken =
                switch name {
                case "seed": take(\.seed, UInt64(value))
                case "bound": take(\.bound, UInt64(value))
                case "swap": take(\.swap, TrainingConfiguration.WeightSwap(rawValue: value))
                case "workers": take(\.workers, Int(value))
                case "slots": take(\.slots, Int(value))
                case "steps": take(\.steps, UInt64(value))
                case "seconds": take(\.seconds, Int(value))
                case "mutant": take(\.mutant, Simulation.Mutant(rawValue: value).map { .some($0) })
                case _ where Simulation.Faults.Kind.allCases.contains { $0.name == name }:
                    take(\.rates[name], Double(value).map { .some($0) })
                case _ where Simulation.Faults.numbers.contains { $0.name == name }:
                    take(\.numbers[name], Int(value).map { .some($0) })
                default: false
                }
            guard isTaken else { return nil }
        }
    }
}
