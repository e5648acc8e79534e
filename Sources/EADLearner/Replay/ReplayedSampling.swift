import EADConfiguration
import EADCore
import EADEngine
import EADEnvironments
import EADMessages
import EADModels
import EADProtocol
import EADRuntime

/// Samples the groups of a journal again, each token with the version that its record names, and what the task and the seed give its
/// slot.
struct ReplayedSampling {
    private let sampler: Sampler
    private let engine: any GenerationEngine
    private let prompts: PromptEncoder
    private let curriculum: Curriculum
    /// How many versions before the newest are kept.
    private let bound: UInt64
    private var resident: Set<PolicyVersion> = []

    init(_ configuration: ClusterConfiguration, file: ModelFile, engines: any EngineFactory) throws {
        let tokenizer = try Tokenizer(file)
        let limit = try PromptLimit(configuration)
        let task = try TaskSource.load(configuration.task, baseDirectory: "", limit: limit)
        self.curriculum = Curriculum(configuration, problems: task.training)
        self.prompts = try PromptEncoder(file, tokenizer, task: configuration.task)
        self.sampler = Sampler(
            tokenizer: tokenizer, prompts: self.prompts,
            training: configuration.sampling, evaluation: configuration.evaluation.sampling,
            isGreedyEvaluated: configuration.evaluation.greedy, stopStrings: configuration.task.stopStrings)
        self.engine = try engines.generation(
            file.shape,
            ComputeConfiguration(precision: configuration.model.precision, threads: configuration.learner.threads),
            lanes: configuration.workers.map(\.lanes).max() ?? 1, tokenBytes: { tokenizer.bytes(of: $0) })
        self.bound = UInt64(configuration.training.stalenessBound)
    }

    /// The next version is there; what no group of its step may be sampled with is given up.
    mutating func install(_ version: PolicyPublication.Version) throws {
        let manifest = version.manifest
        let kept = self.resident.filter { $0.rawValue + self.bound >= manifest.version.rawValue }
        try version.bytes.withUnsafeBytes {
            try self.engine.install(
                PolicyImage(version: manifest.version, precision: manifest.precision, bytes: $0), keeping: kept)
        }
        self.resident = kept.union([manifest.version])
    }

    /// - Returns: The tokens sampled.
    /// - Throws: `ReplayDifference` for the first group, in their order, that is not what was recorded.
    func compare(_ groups: [RolloutGroup]) throws -> Int {
        guard let step = groups.first?.id.step else { return 0 }
        let items = self.curriculum.items(of: step, count: groups.count)
        for group in groups {
            let named = group.rollouts.flatMap { $0.runs.runs.map(\.version) } + [group.policyVersion]
            if let version = named.first(where: { !self.resident.contains($0) }) {
                throw ReplayDifference("\(group.id) names version \(version), which it cannot be of")
            }
            let (problem, seed) = (items[Int(group.id.slot)].problem, items[Int(group.id.slot)].seed)
            let prompt = try self.prompts.encode(problem.prompt)
            guard group.problem == problem.index, group.promptTokens == prompt else {
                throw ReplayDifference("\(group.id) is of problem \(group.problem), or its prompt is not the task's")
            }
            var request = self.sampler.request(
                group.id, prompt: prompt, problem: problem.index, samples: self.curriculum.samples, seed: seed)
            for (index, rollout) in group.rollouts.enumerated() { request.samples[index].runs = rollout.runs }
            do { try self.engine.submit(request, with: group.policyVersion) } catch {
                throw ReplayDifference("\(group.id) cannot be sampled: \(error)")
            }
        }
        var sampled: [GroupID: GeneratedGroup] = [:]
        while !self.engine.isIdle {
            try Task.checkCancellation()
            for group in try self.engine.step() { sampled[group.id] = group }
        }
        for group in groups {
            guard let again = sampled[group.id] else { preconditionFailure("every group submitted is sampled") }
            if let difference = ReplayDifference(sampled: again, recorded: group) { throw difference }
        }
        return sampled.values.reduce(0) { $0 + $1.samples.reduce(0) { $0 + $1.trace.count } }
    }
}
