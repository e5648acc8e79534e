package import EADAlgorithms
package import EADCore
package import EADEngine
package import EADEnvironments

/// What is trained on what, and how.
package struct FineTuningSettings: Sendable {
    /// Where the first weights are from.
    package enum Origin: Hashable, Sendable {
        /// A model's: a GGUF file or a directory, such as a checkpoint.
        case model(String)
        /// Drawn at random for the config.json of a directory.
        case random(String)

        var path: String {
            switch self {
            case .model(let path), .random(let path): path
            }
        }
    }

    package var origin: Origin
    /// The file of demonstrations.
    package var data: String
    package var columns: DemonstrationColumns
    package var overlong: DemonstrationFile.Overlong
    /// How prompts become tokens; nil for texts to go on with.
    package var chat: Chat?
    /// Demonstrations held out; nil for the usual share.
    package var heldOut: Int?
    /// Key of every random number.
    package var seed: UInt64
    /// Demonstrations of an update.
    package var batch: Int
    /// Updates; nil for as many as the passes take.
    package var steps: Int?
    /// Passes over the demonstrations, where steps do not say when it ends.
    package var passes: Int
    package var shape: LearningRateSchedule.Shape
    /// The highest learning rate; nil for what suits the origin.
    package var learningRate: Double?
    /// Steps of warm-up; nil for a twentieth of all where the rate decays, and none where it is constant.
    package var warmup: Int?
    /// The share of the learning rate at which the decay ends.
    package var floor: Double
    /// Its learning rate is the schedule's.
    package var optimizer: OptimizerConfiguration
    package var precision: Precision
    package var microBatchRows: Int

    // What changes no weight.

    /// Threads that compute, at least 1.
    package var threads: Int
    package var checkpointEvery: Int
    package var keep: Int
    /// Steps between two looks at held-out demonstrations; nil for a twentieth of all.
    package var evaluateEvery: Int?

    /// How a chat's prompts are made.
    package struct Chat: Sendable {
        package var date: CalendarDate?
        package var arguments: [String: JSONValue]
        package var system: String?

        package init(date: CalendarDate?, arguments: [String: JSONValue], system: String?) {
            self.date = date
            self.arguments = arguments
            self.system = system
        }
    }

    package init(
        origin: Origin, data: String, columns: DemonstrationColumns = DemonstrationColumns(),
        overlong: DemonstrationFile.Overlong = .refuse, chat: Chat? = nil, heldOut: Int? = nil, seed: UInt64 = 0,
        batch: Int = 32, steps: Int? = nil, passes: Int = 1, shape: LearningRateSchedule.Shape = .cosine,
        learningRate: Double? = nil, warmup: Int? = nil, floor: Double = 0.1,
        optimizer: OptimizerConfiguration = OptimizerConfiguration(), precision: Precision = .bf16,
        microBatchRows: Int = 1024, threads: Int = 1, checkpointEvery: Int = 500, keep: Int = 2,
        evaluateEvery: Int? = nil
    ) {
        self.origin = origin
        self.data = data
        self.columns = columns
        self.overlong = overlong
        self.chat = chat
        self.heldOut = heldOut
        self.seed = seed
        self.batch = batch
        self.steps = steps
        self.passes = passes
        self.shape = shape
        self.learningRate = learningRate
        self.warmup = warmup
        self.floor = floor
        self.optimizer = optimizer
        self.precision = precision
        self.microBatchRows = microBatchRows
        self.threads = threads
        self.checkpointEvery = checkpointEvery
        self.keep = keep
        self.evaluateEvery = evaluateEvery
    }

    /// Random weights are far from anything; those of a model are to be kept but for what is demonstrated.
    package static let usualRandomRate = 1e-3
    package static let usualModelRate = 2e-5

    var peak: Double {
        switch self.origin {
        case .random: self.learningRate ?? Self.usualRandomRate
        case .model: self.learningRate ?? Self.usualModelRate
        }
    }
}
