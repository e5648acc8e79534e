package import EADAlgorithms
package import EADCore
package import EADSampling
package import EADTelemetry

/// A run as a report needs it: what it was told to do, and what it wrote down.
package struct ReportedRun: Sendable {
    package var name: String
    package var seed: UInt64
    /// Training steps the run was asked for.
    package var plannedSteps: Int
    /// The longest response, in tokens.
    package var maxTokens: Int
    package var schedule: TemperatureSchedule
    package var algorithm: AlgorithmConfiguration
    /// Every setting that all nodes agree on, by its path in the cluster file, as written there.
    package var settings: [String: String]
    /// Updates by step; of a step trained again, the last.
    package let steps: [UInt64: MetricValues]
    /// Scores on held-out problems by step; of a repeated evaluation, the last with the number of samples of the settings,
    /// if there is one.
    package let evaluations: [UInt64: MetricValues]
    /// Held-out responses by step.
    package var samples: [UInt64: [ReportedSample]]
    /// Time the run was up, in minutes: each start to the last record before the next one.
    package let minutes: Double
    package let isFinished: Bool
    /// Places of the log that hold no record; what they said is missing here.
    package let damagedLines: [String]

    package init(
        name: String, seed: UInt64, plannedSteps: Int, maxTokens: Int, schedule: TemperatureSchedule,
        algorithm: AlgorithmConfiguration, settings: [String: String], records: [RunRecord],
        damagedLines: [String] = [], samples: [UInt64: [ReportedSample]]
    ) {
        self.name = name
        self.seed = seed
        self.plannedSteps = plannedSteps
        self.maxTokens = maxTokens
        self.schedule = schedule
        self.algorithm = algorithm
        self.settings = settings
        self.samples = samples
        self.damagedLines = damagedLines
        let planned = settings["evaluation.samples"].flatMap { Double($0) }
        func isPlanned(_ values: MetricValues) -> Bool { values[\.evaluatedSamples] == planned }
        var steps: [UInt64: MetricValues] = [:]
        var evaluations: [UInt64: MetricValues] = [:]
        var seconds = 0.0
        var started = records.first?.time ?? 0
        var last = started
        var isFinished = false
        for record in records {
            switch record.kind {
            case .step: steps[record.step.rawValue] = record.values
            case .evaluation:
                let present = evaluations[record.step.rawValue]
                if isPlanned(record.values) || !(present.map(isPlanned) ?? false) {
                    evaluations[record.step.rawValue] = record.values
                }
            case .event:
                switch record.notes["event"] {
                case "started":
                    seconds += last - started
                    started = record.time
                    isFinished = false
                case "finished": isFinished = true
                default: break
                }
            }
            last = record.time
        }
        self.steps = steps
        self.evaluations = evaluations
        self.minutes = max(0, seconds + last - started) / 60
        self.isFinished = isFinished
    }

    /// Updates that are done.
    var stepsDone: Int { self.steps.keys.max().map { Int($0) + 1 } ?? 0 }
}

/// One response to a held-out problem.
package struct ReportedSample: Hashable, Sendable {
    package var problem: UInt64
    package var isGreedy: Bool
    package var reward: Double
    package var prompt: String
    package var response: String

    package init(problem: UInt64, isGreedy: Bool, reward: Double, prompt: String, response: String) {
        self.problem = problem
        self.isGreedy = isGreedy
        self.reward = reward
        self.prompt = prompt
        self.response = response
    }
}
