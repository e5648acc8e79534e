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
    /// Of these, the paths of those that results depend on.
    package var lastingPaths: Set<String>
    /// Updates by step; of a step trained again, the last.
    package let steps: [UInt64: MetricValues]
    /// Scores on held-out problems by step; of a repeated evaluation, the last with the number of samples of the settings,
    /// if there is one.
    package let evaluations: [UInt64: MetricValues]
    /// Held-out responses by step.
    package var samples: [UInt64: [ReportedSample]]
    /// Of the newest step whose rollouts are on disk, in the order of their slots.
    package var rollouts: [ReportedRollout]
    /// Time the run was up, in minutes: each start to the last record before the next one.
    package let minutes: Double
    package let isFinished: Bool
    /// Places of the log that hold no record; what they said is missing here.
    package let damagedLines: [String]

    package init(
        name: String, seed: UInt64, plannedSteps: Int, maxTokens: Int, schedule: TemperatureSchedule,
        algorithm: AlgorithmConfiguration, settings: [String: String], lastingPaths: Set<String>, records: [RunRecord],
        damagedLines: [String] = [], samples: [UInt64: [ReportedSample]], rollouts: [ReportedRollout] = []
    ) {
        self.name = name
        self.seed = seed
        self.plannedSteps = plannedSteps
        self.maxTokens = maxTokens
        self.schedule = schedule
        self.algorithm = algorithm
        self.settings = settings
        self.lastingPaths = lastingPaths
        self.samples = samples
        self.rollouts = rollouts
        self.damagedLines = damagedLines
        let planned = settings["evaluation.samples"].flatMap { Double($0) }
        func isPlanned(_ values: MetricValues) -> Bool { values[\.evaluatedSamples] == planned }
        var steps: [UInt64: MetricValues] = [:]
        var evaluations: [UInt64: MetricValues] = [:]
        var seconds = 0.0
        var started = records.first?.time ?? 0
        var last = started
        // A finished run that is started again says nothing more of its end, unless it goes on.
        var hasEnded = false
        for record in records {
            switch record.kind {
            case .step:
                steps[record.step.rawValue] = record.values
                hasEnded = false
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
                    // It may have been given more steps since.
                    hasEnded = hasEnded && Self.done(steps) >= plannedSteps
                case "finished": hasEnded = true
                case "rewound": hasEnded = false
                default: break
                }
            }
            last = record.time
        }
        self.steps = steps
        self.evaluations = evaluations
        self.minutes = max(0, seconds + last - started) / 60
        self.isFinished = hasEnded
    }

    private static func done(_ steps: [UInt64: MetricValues]) -> Int { steps.keys.max().map { Int($0) + 1 } ?? 0 }

    /// Updates that are done.
    package var stepsDone: Int { Self.done(self.steps) }

    /// What its results depend on besides its seed, with the values: repetitions of a run agree in it.
    var identity: [String: String] {
        self.settings.filter { self.lastingPaths.contains($0.key) && $0.key != "run.name" && $0.key != "run.seed" }
    }
}

/// One response to a held-out problem.
package struct ReportedSample: Hashable, Sendable {
    package var problem: UInt64
    package var isGreedy: Bool
    /// Nil without a score.
    package var reward: Double?
    package var prompt: String
    /// The right answer.
    package var answer: String
    package var response: String

    package init(
        problem: UInt64, isGreedy: Bool, reward: Double?, prompt: String, answer: String, response: String
    ) {
        self.problem = problem
        self.isGreedy = isGreedy
        self.reward = reward
        self.prompt = prompt
        self.answer = answer
        self.response = response
    }
}
