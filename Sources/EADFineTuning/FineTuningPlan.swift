import Crypto
package import EADAlgorithms
import EADCore
import EADEngine
import EADEnvironments
package import EADModels
import EADRuntime

/// The settings with all that follows from the model and the demonstrations: everything is read, nothing is written.
package struct FineTuningPlan: Sendable {
    package let settings: FineTuningSettings
    package let file: ModelFile
    package let split: DemonstrationSplit
    /// Lines of the file that are left out because they are too long.
    package let dropped: Int
    package let order: BatchOrder
    package let steps: UInt64
    package let schedule: LearningRateSchedule
    package let evaluateEvery: UInt64
    /// What makes the model's directory of a checkpoint.
    let companions: [CompanionFile]
    private let contents: [String: String]

    /// - Throws: `ModelFileError`, `TaskError` with every line that cannot be used, or `RoleFailure`.
    package init(_ settings: FineTuningSettings) throws {
        self.settings = settings
        switch settings.origin {
        case .model(let path): self.file = try ModelFile(path: path)
        case .random(let path): self.file = try ModelFile(withoutWeights: path)
        }
        let tokenizer = try Tokenizer(self.file)
        self.companions = try self.file.companions(.f32)
        var defining = ["vocabulary": Self.hash(tokenizer.forEachDefiningPart)]
        let encoder: DemonstrationEncoder
        if let chat = settings.chat {
            let template = try ChatTemplate(self.file, tokenizer, date: chat.date, arguments: chat.arguments)
            encoder = DemonstrationEncoder(self.file, tokenizer, chat: template, system: chat.system)
        } else {
            encoder = DemonstrationEncoder(self.file, tokenizer)
        }
        let read = try DemonstrationFile(
            path: settings.data, columns: settings.columns, encoder: encoder, overlong: settings.overlong)
        defining["demonstrations"] = Self.hash(read.forEachDefiningPart)
        self.contents = defining
        self.dropped = read.dropped
        let all = read.demonstrations
        self.split = try DemonstrationSplit(
            all, heldOut: settings.heldOut ?? DemonstrationSplit.usualHeldOut(of: all.count), seed: settings.seed)
        self.order = BatchOrder(lengths: self.split.training.map(\.tokens), size: settings.batch, seed: settings.seed)
        self.steps = UInt64(settings.steps ?? settings.passes * self.order.batchesPerPass)
        self.schedule = LearningRateSchedule(
            shape: settings.shape, peak: settings.peak,
            warmupSteps: settings.warmup.map { UInt64($0) } ?? (settings.shape == .constant ? 0 : self.steps / 20),
            decaySteps: settings.shape == .constant ? 0 : self.steps, floor: settings.floor)
        self.evaluateEvery = settings.evaluateEvery.map { UInt64($0) } ?? max(1, self.steps / 20)
        guard settings.shape == .constant || self.schedule.warmupSteps < self.steps else {
            throw RoleFailure(
                .usage, "--warmup-steps must be below the \(self.steps) steps, is \(self.schedule.warmupSteps)")
        }
    }

    /// Everything that the weights depend on, besides the first ones.
    func lasting(firstWeights: String) -> [String: String] {
        let (settings, optimizer) = (self.settings, self.settings.optimizer)
        var lasting = self.contents
        lasting["first_weights"] = firstWeights
        lasting["held_out"] = "\(self.split.heldOut.count)"
        lasting["seed"] = "\(settings.seed)"
        lasting["batch"] = "\(settings.batch)"
        lasting["precision"] = settings.precision.rawValue
        lasting["micro_batch_rows"] = "\(settings.microBatchRows)"
        lasting["schedule"] = self.schedule.shape.rawValue
        lasting["learning_rate"] = "\(self.schedule.peak)"
        lasting["warmup_steps"] = "\(self.schedule.warmupSteps)"
        if self.schedule.shape != .constant {
            lasting["decay_steps"] = "\(self.schedule.decaySteps)"
            lasting["learning_rate_floor"] = "\(self.schedule.floor)"
        }
        lasting["beta1"] = "\(optimizer.beta1)"
        lasting["beta2"] = "\(optimizer.beta2)"
        lasting["epsilon"] = "\(optimizer.epsilon)"
        lasting["weight_decay"] = "\(optimizer.weightDecay)"
        lasting["gradient_clip"] = "\(optimizer.gradientClip)"
        return lasting
    }

    static func hash(_ feed: ((UnsafeRawBufferPointer) -> Void) -> Void) -> String {
        var hash = SHA256()
        feed { hash.update(bufferPointer: $0) }
        return Array(hash.finalize()).hexadecimal
    }
}

extension FineTuningPlan {
    /// For whoever looks at the directory: where everything came from, and what changes no weight.
    var described: [String: String] {
        let from =
            switch self.settings.origin {
            case .model: "model"
            case .random: "from_config"
            }
        return [
            from: self.settings.origin.path, "data": self.settings.data, "steps": "\(self.steps)",
            "steps_per_pass": "\(self.order.batchesPerPass)", "training": "\(self.split.training.count)",
            "evaluate_every": "\(self.evaluateEvery)", "checkpoint_every": "\(self.settings.checkpointEvery)",
            "parameters": "\(self.file.layout.count)",
        ]
    }
}
