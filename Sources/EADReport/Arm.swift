import EADAlgorithms
import EADSampling

/// Runs that agree in every setting that results depend on, but for their seed.
struct Arm: Sendable {
    var schedule: String
    var algorithm: String
    /// What tells it from the other arms of the report; empty where there are none.
    var label: String
    var style: SeriesStyle
    /// By seed.
    var runs: [ReportedRun]

    /// More arms than this are not drawn in one panel if they have several algorithms.
    static let mostInOnePanel = 6

    /// Both labels.
    var fullLabel: String { "\(self.schedule) \u{00B7} \(self.algorithm)" }

    /// The arms of the runs, ordered by algorithm and schedule in the order they first appear.
    static func group(_ runs: [ReportedRun]) -> [Arm] {
        let schedules = Self.labels(of: runs, settings: Self.isOfSchedule) {
            Self.name(of: $0.schedule) + Self.suffix(of: $0.algorithm.correction)
        }
        let algorithms = Self.labels(of: runs, settings: { !Self.isOfSchedule($0) }) { Self.name(of: $0.algorithm) }
        let scheduleOrder = Self.unique(schedules)
        let algorithmOrder = Self.unique(algorithms)
        let count = Set(runs.indices.map { [schedules[$0], algorithms[$0]] }).count
        // Figures with that many arms have a panel per algorithm, where lines need no dashes.
        let hasDashes = count <= Self.mostInOnePanel
        var arms: [Arm] = []
        for (index, algorithm) in algorithmOrder.enumerated() {
            for (colour, schedule) in scheduleOrder.enumerated() {
                let members = runs.indices.filter { schedules[$0] == schedule && algorithms[$0] == algorithm }
                guard !members.isEmpty else { continue }
                let parts = [scheduleOrder.count > 1 ? schedule : "", algorithmOrder.count > 1 ? algorithm : ""]
                arms.append(
                    Arm(
                        schedule: schedule, algorithm: algorithm,
                        label: parts.filter { !$0.isEmpty }.joined(separator: " \u{00B7} "),
                        style: .category(
                            colour: colour, dashes: (hasDashes ? index : 0) + colour / SeriesStyle.colours),
                        runs: members.map { runs[$0] }.sorted { ($0.seed, $0.name) < ($1.seed, $1.name) }))
            }
        }
        return arms
    }

    /// The latest step at or before which all runs have been evaluated, and the earliest.
    var evaluatedSteps: (first: UInt64, last: UInt64)? {
        guard let start = self.runs.first else { return nil }
        let common = self.runs.dropFirst().reduce(Set(start.evaluations.keys)) { $0.intersection($1.evaluations.keys) }
        guard let first = common.min(), let last = common.max() else { return nil }
        return (first, last)
    }

    /// Whether the setting at the path belongs to the schedule: how responses are drawn, and what is done about it.
    static func isOfSchedule(_ path: String) -> Bool {
        path.hasPrefix("sampling.schedule.") || path.hasPrefix("algorithm.correction")
    }

    /// A name per run; where runs of the same name differ in such settings of their identities, those are added.
    private static func labels(
        of runs: [ReportedRun], settings isMeant: (String) -> Bool, name: (ReportedRun) -> String
    ) -> [String] {
        let names = runs.map(name)
        return runs.indices.map { index in
            let alike = runs.indices.filter { names[$0] == names[index] }.map { runs[$0].identity }
            let paths = Set(alike.flatMap(\.keys)).filter(isMeant)
            let differing = paths.filter { path in Set(alike.map { $0[path] ?? "" }).count > 1 }.sorted()
            let details = differing.map { path in
                "\(path.split(separator: ".").last ?? "") \(runs[index].settings[path] ?? "not set")"
            }
            return ([names[index]] + details).joined(separator: ", ")
        }
    }

    private static func unique(_ labels: [String]) -> [String] {
        labels.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    static func name(of schedule: TemperatureSchedule) -> String {
        switch schedule {
        case .constant(let temperature): "\u{03C4} \(temperature)"
        case .annealed(let schedule) where schedule.shape == .ead: "EAD"
        case .annealed(let schedule): schedule.shape.rawValue
        }
    }

    /// The preset it equals but for the correction, or its advantage and loss.
    private static func name(of algorithm: AlgorithmConfiguration) -> String {
        let preset = AlgorithmPreset.allCases.first { preset in
            var settings = preset.configuration
            settings.correction = algorithm.correction
            settings.correctionCap = algorithm.correctionCap
            settings.correctionLow = algorithm.correctionLow
            settings.correctionHigh = algorithm.correctionHigh
            settings.rejections = algorithm.rejections
            return settings == algorithm
        }
        if let preset { return preset.rawValue }
        let loss = algorithm.loss == .vanilla ? "" : ", \(algorithm.loss.rawValue)"
        return algorithm.advantage.rawValue + loss
    }

    private static func suffix(of correction: OffPolicyCorrection) -> String {
        switch correction {
        case .none: ""
        case .tokenTruncated: " + TIS"
        default: " + \(correction.rawValue)"
        }
    }
}
