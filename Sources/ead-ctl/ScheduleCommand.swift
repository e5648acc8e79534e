import ArgumentParser
import EADCore
import EADRuntime
import EADSampling

/// `ead-ctl schedule`
struct ScheduleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Shows the temperature of each response position, at several steps.",
        discussion: "tau_t = max(1 + tau_max - e^(t / (clock d_s)), tau_min), d_s = min(d_0 + growth s, d_max)")

    @OptionGroup var schedule: ScheduleOptions

    @Option(name: .long, parsing: .upToNextOption, help: "Global steps s to show.")
    var steps: [UInt64] = [0, 10, 50, 100, 400]

    @Option(name: .long, help: "Positions t to show: 0 up to this one, about doubling.")
    var until: Int = 1024

    func run() {
        let schedule = self.schedule.resolve()
        var positions = [0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24]
        while let last = positions.last, last < self.until { positions.append(last * 4 / 3) }
        var rows = [["t"] + self.steps.map { "s=\($0)" }]
        if case .annealed = schedule {
            rows.append(["d_s"] + self.steps.map { StatusTable.number(schedule.decay(at: GlobalStep($0)) ?? 0, 0) })
        }
        for position in positions where position <= self.until {
            rows.append(
                ["\(position)"]
                    + self.steps.map {
                        StatusTable.number(Double(schedule.temperature(at: position, step: GlobalStep($0))), 3)
                    })
        }
        print(StatusTable.align(rows))
    }
}

/// The parameters of a temperature schedule on the command line.
struct ScheduleOptions: ParsableArguments {
    @Option(name: .long, help: "Highest temperature.")
    var tauMax: Double = 1.2

    @Option(name: .long, help: "Lowest temperature.")
    var tauMin: Double = 0.1

    @Option(name: .customLong("d0"), help: "Decay at step 0, in tokens.")
    var initialDecay: Double = 25

    @Option(name: .long, help: "Growth of the decay per step.")
    var growth: Double = 5

    @Option(name: .customLong("d-max"), help: "Limit of the decay.")
    var decayLimit: Double = 40000

    @Option(name: .long, help: "The first so many tokens are drawn at temperature 1.")
    var warmup: Int = 10

    @Option(name: .long, help: "Stretches the decay; 20 is what the published code does.")
    var clock: Double = 1

    @Option(name: .long, help: "A constant temperature instead; 0 is greedy.")
    var temperature: Float?

    /// The schedule; exits with every problem found when a parameter is out of range.
    func resolve() -> TemperatureSchedule {
        let schedule: TemperatureSchedule =
            if let temperature = self.temperature {
                .constant(temperature)
            } else {
                .annealed(
                    AnnealedSchedule(
                        maximum: self.tauMax, minimum: self.tauMin, initialDecay: self.initialDecay,
                        decayGrowth: self.growth, decayLimit: self.decayLimit, warmup: self.warmup, clock: self.clock))
            }
        let problems = schedule.problems()
        guard problems.isEmpty else {
            let lines = problems.map { "\($0.field) \($0.message)" }
            RoleRunner.fail(RoleFailure(.usage, lines.joined(separator: "\nerror: ")))
        }
        return schedule
    }
}
