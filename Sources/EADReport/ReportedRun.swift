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
    /// Held-out responses by step.
    package var samples: [UInt64: [ReportedSample]]
    /// Of the newest step whose rollouts are on disk, in the order of their slots.
    package var rollouts: [ReportedRollout]
    /// What its log says.
    private let course: RecordedCourse
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
        self.course = RecordedCourse(
            records, plannedSteps: plannedSteps, samples: settings["evaluation.samples"].flatMap { Double($0) })
    }

    /// Updates by step.
    package var steps: [UInt64: MetricValues] { self.course.steps }
    /// Scores on held-out problems by step.
    package var evaluations: [UInt64: MetricValues] { self.course.evaluations }
    package var minutes: Double { self.course.minutes }
    package var isFinished: Bool { self.course.isFinished }

    /// Updates that are done.
    package var stepsDone: Int { self.course.stepsDone }

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
