package import EADAlgorithms

/// The size of a step and the settings of AdamW.
package struct TrainingConfiguration: Hashable, Sendable {
    /// What a learner does when a log-probability recorded at sampling is not its own, to the bit, in a synchronous run.
    package enum Mismatch: String, Hashable, Sendable, CaseIterable {
        /// Refuses the step.
        case stop
        /// Says so and trains.
        case warn
    }

    /// What becomes of groups under way when a worker has the next version, in asynchronous training.
    package enum WeightSwap: String, Hashable, Sendable, CaseIterable {
        /// They are sampled to their end with the version they began with, which stays beside the next one.
        case pinned
        /// They go on with it from their next token, and keep the keys and values they have.
        case keep

        /// Policies that a worker samples with at a time.
        package var residentVersions: Int { self == .pinned ? 2 : 1 }
    }

    package var promptsPerStep: Int
    package var samplesPerPrompt: Int
    /// Optimizer updates per step, each on an equal share of its groups; divides `promptsPerStep`.
    package var miniBatches: Int
    /// Positions computed together at most; the order in which gradients are summed depends on it.
    package var microBatchRows: Int
    package var learningRate: Double
    /// How the learning rate goes on after the warm-up.
    package var schedule: LearningRateSchedule.Shape
    /// Steps until the learning rate is at its highest.
    package var warmupSteps: Int
    /// The step at which the decay ends; read, that of the run's end where nothing is said. Only of a schedule that decays.
    package var decaySteps: Int
    /// The share of the learning rate at which it ends, likewise.
    package var learningRateFloor: Double
    /// Decay of the mean of gradients.
    package var beta1: Double
    /// Decay of the mean of squared gradients.
    package var beta2: Double
    package var epsilon: Double
    /// Decoupled: weights shrink by learningRate x weightDecay per step.
    package var weightDecay: Double
    /// Gradients with a larger norm are scaled down to it; 0 for no limit.
    package var gradientClip: Double
    /// By how many versions the sampling policy may be older than the step; 0 is synchronous training.
    package var stalenessBound: Int
    /// Only of asynchronous training.
    package var weightSwap: WeightSwap
    package var logprobMismatch: Mismatch
    /// Steps in a row with nothing to learn from after which the run ends; 0 for any number.
    package var maxIdleSteps: Int

    package init(
        promptsPerStep: Int, samplesPerPrompt: Int, miniBatches: Int = 1, microBatchRows: Int = 1024,
        learningRate: Double, schedule: LearningRateSchedule.Shape = .constant, warmupSteps: Int = 0,
        decaySteps: Int = 0,
        learningRateFloor: Double = 0, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, gradientClip: Double = 1,
        stalenessBound: Int = 0, weightSwap: WeightSwap = .pinned, logprobMismatch: Mismatch = .stop,
        maxIdleSteps: Int = 10
    ) {
        self.promptsPerStep = promptsPerStep
        self.samplesPerPrompt = samplesPerPrompt
        self.miniBatches = miniBatches
        self.microBatchRows = microBatchRows
        self.learningRate = learningRate
        self.schedule = schedule
        self.warmupSteps = warmupSteps
        self.decaySteps = decaySteps
        self.learningRateFloor = learningRateFloor
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.gradientClip = gradientClip
        self.stalenessBound = stalenessBound
        self.weightSwap = weightSwap
        self.logprobMismatch = logprobMismatch
        self.maxIdleSteps = maxIdleSteps
    }

    /// The learning rate of each step.
    package var learningRateSchedule: LearningRateSchedule {
        LearningRateSchedule(
            shape: self.schedule, peak: self.learningRate, warmupSteps: UInt64(self.warmupSteps),
            decaySteps: UInt64(self.decaySteps), floor: self.learningRateFloor)
    }

    /// What becomes of groups under way when the next version is there; nil in synchronous training, where there are none.
    package var swap: WeightSwap? { self.stalenessBound > 0 ? self.weightSwap : nil }

    /// Policies that a worker samples with at a time.
    package var residentVersions: Int { self.swap?.residentVersions ?? 1 }

    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.setting(.required("prompts_per_step"), &self.promptsPerStep, .integer(1...65536))
        visitor.setting(.required("samples_per_prompt"), &self.samplesPerPrompt, .integer(2...1024))
        visitor.setting("mini_batches", &self.miniBatches, .integer(1...65536))
        visitor.setting("micro_batch_rows", &self.microBatchRows, .integer(1...1_048_576))
        visitor.setting(
            .required("learning_rate"), &self.learningRate, .number(.above(0, atMost: 1)))
        visitor.setting("schedule", &self.schedule, .choice)
        visitor.setting("warmup_steps", &self.warmupSteps, .integer(0...1_000_000))
        // The parameters of the shape only: one that changes nothing is unknown to the reader.
        if self.schedule != .constant {
            visitor.setting(
                SettingKey("decay_steps", absent: "`run.steps`"), &self.decaySteps, .integer(1...1_000_000))
            visitor.setting("learning_rate_floor", &self.learningRateFloor, .number(.within(0...1)))
        }
        let decay = SettingType<Double>.number(.atLeast(0, below: 1))
        visitor.setting("beta1", &self.beta1, decay)
        visitor.setting("beta2", &self.beta2, decay)
        visitor.setting("epsilon", &self.epsilon, .number(.above(0, atMost: 1)))
        visitor.setting("weight_decay", &self.weightDecay, .number(.within(0...1)))
        visitor.setting("gradient_clip", &self.gradientClip, .number(.above(0).or(0, "no limit")))
        visitor.setting("staleness_bound", &self.stalenessBound, .integer(0...64))
        visitor.setting("weight_swap", &self.weightSwap, .choice)
        visitor.changeable {
            visitor.setting("logprob_mismatch", &self.logprobMismatch, .choice)
            visitor.setting("max_idle_steps", &self.maxIdleSteps, .integer(0...1_000_000))
        }
    }
}
