import ArgumentParser
import EADConfiguration
import EADCore
import EADOperations
import EADRuntime
package import EADSampling

/// `ead-ctl schedule`
struct ScheduleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Shows the temperature of each response position, at several steps.",
        discussion: """
            ead: tau_t = max(1 + tau_max - e^(t / (clock d_s)), tau_min) from position t = warmup on, 1 before, with \
            d_s = min(d_0 + growth s, d_max). The temperature is above 1 up to position 0.18 clock d_s (for tau_max 1.2): \
            a warm-up beyond that leaves no exploration.
            """)

    @OptionGroup var schedule: ScheduleOptions

    @Option(name: .long, parsing: .upToNextOption, help: "Global steps s to show.")
    var steps: [UInt64] = [0, 10, 50, 100, 400]

    @Option(name: .long, help: "Positions t to show: 0 up to this one, about doubling.")
    var until: Int = 1024

    func run() {
        print(ScheduleTable(self.schedule.resolve(), steps: self.steps, until: self.until).text)
    }
}

/// A temperature schedule on the command line.
struct ScheduleOptions: ParsableArguments {
    @Option(name: .long, help: "The curve (default: ead); cluster/README.md has the formulas.")
    var kind: ScheduleKind?

    private static let defaults = AnnealedSchedule()

    @Option(name: .long, help: "Highest temperature (default: \(Self.defaults.maximum)).")
    var tauMax: Double?

    @Option(name: .long, help: "Lowest temperature (default: \(Self.defaults.minimum)).")
    var tauMin: Double?

    @Option(name: .customLong("d-0"), help: "Decay at step 0, in tokens (default: \(Self.defaults.initialDecay)).")
    var initialDecay: Double?

    @Option(name: .long, help: "Growth of the decay per step (default: \(Self.defaults.decayGrowth)).")
    var growth: Double?

    @Option(name: .customLong("d-max"), help: "Limit of the decay (default: \(Self.defaults.decayLimit)).")
    var decayLimit: Double?

    @Option(
        name: .long,
        help: """
            The first so many tokens are drawn at temperature 1 (default: \(Self.defaults.warmup); ead-released: \
            \(AnnealedSchedule.released.warmup)).
            """)
    var warmup: Int?

    @Option(
        name: .long,
        help: "Stretches the decay (default: \(Self.defaults.clock); ead-released: \(AnnealedSchedule.released.clock))."
    )
    var clock: Double?

    @Option(name: .long, help: "Positions that step-only averages over (default: \(Self.defaults.horizon)).")
    var horizon: Int?

    @Option(name: .long, help: "The temperature of kind constant; 0 is greedy.")
    var temperature: Float?

    /// The schedule; exits with every problem found when a parameter is out of range or the kind has none such.
    func resolve() -> TemperatureSchedule {
        let kind = self.kind ?? (self.temperature == nil ? .shape(.ead) : .constant)
        var unused: [String] = []
        let schedule: TemperatureSchedule
        switch kind.schedule {
        case .constant(let temperature):
            unused = self.given.map(\.name)
            schedule = .constant(self.temperature ?? temperature)
        case .annealed(let defaults):
            if self.temperature != nil { unused.append("temperature") }
            unused += self.given.filter { $0.need.map { !defaults.shape.parameters.contains($0) } ?? false }.map(\.name)
            schedule = .annealed(self.applied(to: defaults))
        }
        let lines =
            unused.map { "--\($0) is no parameter of kind \(kind.rawValue)" }
            + schedule.problems().map(\.asOption)
        guard lines.isEmpty else { RoleRunner.fail(RoleFailure(.usage, lines.joined(separator: "\nerror: "))) }
        return schedule
    }

    /// The parameters given for an annealed schedule, with what a shape must depend on to have them.
    private var given: [(name: String, need: ScheduleShape.Parameter?)] {
        let all: [(String, Bool, ScheduleShape.Parameter?)] = [
            ("tau-max", self.tauMax != nil, nil), ("tau-min", self.tauMin != nil, nil),
            ("d-0", self.initialDecay != nil, .initialDecay), ("growth", self.growth != nil, .growth),
            ("d-max", self.decayLimit != nil, .growth), ("warmup", self.warmup != nil, nil),
            ("clock", self.clock != nil, .clock), ("horizon", self.horizon != nil, .horizon),
        ]
        return all.filter(\.1).map { ($0.0, $0.2) }
    }

    private func applied(to defaults: AnnealedSchedule) -> AnnealedSchedule {
        AnnealedSchedule(
            shape: defaults.shape, maximum: self.tauMax ?? defaults.maximum,
            minimum: self.tauMin ?? defaults.minimum, initialDecay: self.initialDecay ?? defaults.initialDecay,
            decayGrowth: self.growth ?? defaults.decayGrowth, decayLimit: self.decayLimit ?? defaults.decayLimit,
            warmup: self.warmup ?? defaults.warmup, clock: self.clock ?? defaults.clock,
            horizon: self.horizon ?? defaults.horizon)
    }
}

extension ScheduleKind: ExpressibleByArgument {}
