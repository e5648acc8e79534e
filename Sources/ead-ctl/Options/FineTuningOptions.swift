import ArgumentParser
import EADAlgorithms
import EADCore
import EADEngine
import EADEnvironments
import EADFineTuning
import EADRuntime

/// What is learned from, and how.
struct FineTuningOptions: ParsableArguments {
    @Option(
        name: .long, help: "The demonstrations: a JSON object per line, with prompt and response.", completion: .file())
    var data: String

    @Option(name: .long, help: "The key of prompts.")
    var promptColumn = "prompt"

    @Option(name: .long, help: "The key of responses.")
    var responseColumn = "response"

    @Option(name: .long, help: ArgumentHelp("A key that says nothing to learn from.", valueName: "key"))
    var ignore: [String] = []

    @Option(name: .long, help: "Whether prompts are texts to go on with or turns of a chat: raw or chat.")
    var prompt = TaskConfiguration.PromptForm.raw

    @Option(name: .long, help: "With --prompt chat: what stands before conversations that have no system turn.")
    var system: String?

    @Option(name: .long, help: "With --prompt chat: what the chat template takes for the day, as YYYY-MM-DD.")
    var chatDate: CalendarDate?

    @OptionGroup var chatTemplate: TemplateOptions

    @Option(name: .long, help: "What happens to a demonstration that is longer than the context: refuse or drop.")
    var overlong = DemonstrationFile.Overlong.refuse

    @Option(
        name: .long, help: "Demonstrations held out, those of one prompt together (default: a twentieth, at most 256).")
    var heldOut: Int?

    @Option(name: .long, help: "Key of the order, the split and random weights.")
    var seed: UInt64 = 0

    @Option(name: .long, help: "Demonstrations of an update.")
    var batch = 32

    @Option(name: .long, help: "Updates (default: what the passes take).")
    var steps: Int?

    @Option(name: .long, help: "Passes over the demonstrations.")
    var passes = 1

    @Option(name: .long, help: "The highest learning rate (default: 1e-3 from random weights, 2e-5 from a model's).")
    var learningRate: Double?

    @Option(name: .long, help: "How the learning rate goes on after the warm-up: constant, linear or cosine.")
    var schedule = LearningRateSchedule.Shape.cosine

    @Option(
        name: .long, help: "Steps until the learning rate is at its highest (default: a twentieth, none if constant).")
    var warmupSteps: Int?

    @Option(name: .long, help: "The share of the learning rate at which it ends.")
    var learningRateFloor = 0.1

    @Option(name: .long, help: "AdamW: decay of the mean of gradients.")
    var beta1: Float = 0.9

    @Option(name: .long, help: "AdamW: decay of the mean of squared gradients.")
    var beta2: Float = 0.999

    @Option(name: .long, help: "AdamW: what is added to the root of that.")
    var epsilon: Float = 1e-8

    @Option(name: .long, help: "AdamW: weights shrink by the learning rate times this per step.")
    var weightDecay: Float = 0.01

    @Option(name: .long, help: "Gradients with a larger norm are scaled down to it; 0 for no limit.")
    var gradientClip: Float = 1

    @Option(name: .long, help: "bf16 or f32.")
    var precision: Precision = .bf16

    @Option(
        name: .long, help: "Positions computed together at most; the order in which gradients are summed depends on it."
    )
    var microBatchRows = 1024

    @Option(name: .long, help: "Steps between two looks at the held-out demonstrations (default: a twentieth).")
    var evaluateEvery: Int?

    @Option(name: .long, help: "Steps between two checkpoints; the last step has one in any case.")
    var checkpointEvery = 500

    @Option(name: .long, help: "Checkpoints kept, the newest.")
    var keep = 2

    @Option(name: .long, help: "Compute threads, which change no bit; 0 for one per core that may be used.")
    var threads = 0

    func validate() throws {
        func check(_ name: String, _ value: Int?, _ range: ClosedRange<Int>) throws {
            guard let value, !range.contains(value) else { return }
            throw ValidationError(
                "--\(name) must be between \(range.lowerBound) and \(range.upperBound), is \(value)")
        }
        func check(_ name: String, _ holds: Bool, _ rule: String) throws {
            guard holds else { throw ValidationError("--\(name) must be \(rule)") }
        }
        let many = 1...1_000_000_000
        try check("held-out", self.heldOut, 0...many.upperBound)
        try check("batch", self.batch, 1...65536)
        try check("steps", self.steps, many)
        try check("passes", self.passes, 1...1_000_000)
        try check("warmup-steps", self.warmupSteps, 0...many.upperBound)
        try check("micro-batch-rows", self.microBatchRows, 1...1_048_576)
        try check("evaluate-every", self.evaluateEvery, many)
        try check("checkpoint-every", self.checkpointEvery, many)
        try check("keep", self.keep, 1...1000)
        try check("threads", self.threads, 0...4096)
        let rate = self.learningRate ?? 1
        try check("learning-rate", rate > 0 && rate <= 1, "above 0 and at most 1")
        try check("learning-rate-floor", (0...1).contains(self.learningRateFloor), "between 0 and 1")
        try check("beta1", self.beta1 >= 0 && self.beta1 < 1, "at least 0 and below 1")
        try check("beta2", self.beta2 >= 0 && self.beta2 < 1, "at least 0 and below 1")
        try check("epsilon", self.epsilon > 0 && self.epsilon <= 1, "above 0 and at most 1")
        try check("weight-decay", (0...1).contains(self.weightDecay), "between 0 and 1")
        try check("gradient-clip", self.gradientClip >= 0 && self.gradientClip.isFinite, "at least 0")
        guard self.prompt == .chat || self.system == nil && self.chatDate == nil && self.chatTemplate.isDefault else {
            throw ValidationError("--system, --chat-date and --template-argument belong to --prompt chat")
        }
        guard self.steps == nil || self.passes == 1 else {
            throw ValidationError("--steps and --passes both say when it ends: leave one out")
        }
    }

    func resolve(_ origin: FineTuningSettings.Origin) throws -> FineTuningSettings {
        let chat = FineTuningSettings.Chat(
            date: self.chatDate, arguments: try self.chatTemplate.resolve(), system: self.system)
        return FineTuningSettings(
            origin: origin, data: self.data,
            columns: DemonstrationColumns(
                prompt: self.promptColumn, response: self.responseColumn, ignored: self.ignore),
            overlong: self.overlong, chat: self.prompt == .chat ? chat : nil, heldOut: self.heldOut, seed: self.seed,
            batch: self.batch, steps: self.steps, passes: self.passes, shape: self.schedule,
            learningRate: self.learningRate, warmup: self.warmupSteps, floor: self.learningRateFloor,
            optimizer: OptimizerConfiguration(
                beta1: self.beta1, beta2: self.beta2, epsilon: self.epsilon, weightDecay: self.weightDecay,
                gradientClip: self.gradientClip),
            precision: self.precision, microBatchRows: self.microBatchRows, checkpointEvery: self.checkpointEvery,
            keep: self.keep, evaluateEvery: self.evaluateEvery)
    }
}

extension DemonstrationFile.Overlong: ExpressibleByArgument {}
extension LearningRateSchedule.Shape: ExpressibleByArgument {}
