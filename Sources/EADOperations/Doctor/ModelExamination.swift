import EADAlgorithms
import EADConfiguration
import EADCore
package import EADDoctor
import EADEngine
import EADEnvironments
import EADModels
import EADRuntime
import EADSampling
import EADTransformer
import Foundation

/// Whether the model fits this host's memory and disk, and how fast it can be here at best.
package struct ModelExamination {
    package let checks: [Check]

    /// Without a cluster file: the sizes that a worker and a learner are assumed to have.
    private static let assumedGroups = GroupSize(promptTokens: 256, responses: 8, responseTokens: 256)
    private static let assumedLanes = 64

    /// - Parameter path: The model file; nil for that of the cluster file, or the one in the cache.
    package init(path: String?, nodes: LocalNodes?, host: HostExamination) {
        let path = path ?? nodes?.configuration.model.path ?? LocalModel.defaultPath
        let file: ModelFile
        do { file = try ModelFile(path: path) } catch {
            let isWanted = nodes?.computes ?? true
            self.checks = [
                Check(
                    "model", isWanted ? .fail : .ok, "\(error)",
                    advice: isWanted
                        ? "scripts/fetch-assets.sh fetches SmolLM2; --model or model.path names another" : nil)
            ]
            return
        }
        var checks = [ModelFacts(name: file.name, shape: file.shape, parameters: file.layout.count).check]
        do {
            let sizes = try Sizes(file, nodes)
            if let memory = host.probe.memory { checks += try Self.fits(file.shape, nodes, sizes, memory) }
            checks.append(Self.limits(file.shape, sizes, host.peaks))
        } catch {
            checks.append(Check("memory", .fail, "\(error)", advice: "this model cannot be used with these settings"))
        }
        if let nodes, nodes.learner != nil, let free = HostProbe.free(at: nodes.configuration.run.directory) {
            // Weights and two moments in 32 bits.
            checks.append(
                DiskFacts(
                    path: nodes.configuration.run.directory, free: free, checkpoint: 12 * file.layout.count,
                    kept: nodes.configuration.checkpoint.keep
                ).check)
        }
        self.checks = checks
    }

    /// What memory and speed depend on besides the model.
    private struct Sizes {
        let groups: GroupSize
        let precision: Precision
        let lanes: Int
        /// Policies that a worker has at a time.
        let versions: Int
        /// Whose sizes these are, for a person.
        let source: String

        init(_ file: ModelFile, _ nodes: LocalNodes?) throws {
            guard let configuration = nodes?.configuration else {
                self.groups = ModelExamination.assumedGroups
                self.precision = .bf16
                self.lanes = ModelExamination.assumedLanes
                self.versions = 1
                self.source = "\(groups.promptTokens) + \(groups.responseTokens) tokens"
                return
            }
            // Where the problems are not, prompts are assumed.
            let limit = try? PromptLimit(configuration)
            let task = try? TaskSource.load(configuration.task, baseDirectory: "", limit: limit)
            let prompts = try PromptEncoder(file, Tokenizer(file), task: configuration.task)
            let longest = try task.map { task in
                try PromptLimit.longest(
                    of: (task.training + task.heldOut).map(\.prompt), measuringEvery: prompts.isChat
                ) { prompt throws(RoleFailure) in try prompts.encode(prompt).count }
            }
            let prompt = longest ?? ModelExamination.assumedGroups.promptTokens
            self.groups = GroupSize(
                promptTokens: max(1, prompt), responses: configuration.training.samplesPerPrompt,
                responseTokens: max(configuration.sampling.maxTokens, configuration.evaluation.sampling.maxTokens))
            self.precision = configuration.model.precision
            self.lanes = nodes?.workers.map(\.lanes).max() ?? ModelExamination.assumedLanes
            self.versions = configuration.training.residentVersions
            self.source = "\(longest == nil ? "assumed " : "")\(prompt) + \(self.groups.responseTokens) tokens"
        }
    }

    private static func fits(
        _ shape: ModelShape, _ nodes: LocalNodes?, _ sizes: Sizes, _ memory: MemoryFacts
    ) throws -> [Check] {
        var compute = ComputeConfiguration(precision: sizes.precision, threads: 1)
        let assumed = compute.logitRows
        var checks: [Check] = []
        var total = 0
        let lanes = nodes.map { $0.workers.map(\.lanes) } ?? [sizes.lanes]
        for lanes in Set(lanes).sorted() {
            let workers = nodes?.workers.filter { $0.lanes == lanes }
            let count = workers?.count ?? 1
            compute.logitRows = workers?.map(\.logitRows).max() ?? assumed
            let need = try WorkerMemory(
                shape: shape, configuration: compute, lanes: lanes, versions: sizes.versions,
                groups: sizes.groups)
            total += count * need.peak
            checks.append(
                memory.fit(
                    "worker", needs: need.peak, found: "\(lanes) lanes of \(sizes.source), each",
                    advice: "use fewer lanes, or a host with more memory"))
        }
        if nodes == nil || nodes?.learner != nil {
            let algorithm = nodes?.configuration.algorithm
            if let configuration = nodes?.configuration {
                compute.rowLimit = configuration.training.microBatchRows
                compute.logitRows = configuration.learner.logitRows
            }
            let need = try LearnerMemory(
                shape: shape, configuration: compute, groups: sizes.groups,
                hasReference: algorithm?.needs.contains(.referenceLogProbs) ?? false,
                hasEntropyBonus: algorithm?.needs.contains(.entropies) ?? false)
            total += need.peak
            checks.append(
                memory.fit(
                    "learner", needs: need.peak, found: "groups of \(sizes.groups.responses) x \(sizes.source)",
                    advice: "use a host with more memory, or a smaller model"))
        }
        guard nodes != nil, checks.count > 1 || lanes.count > 1 else { return checks }
        return checks + [
            memory.fit(
                "together", needs: total, found: "all nodes of this host",
                advice: "use fewer workers, or more hosts")
        ]
    }

    private static func limits(_ shape: ModelShape, _ sizes: Sizes, _ peaks: MachinePeaks) -> Check {
        let batches = Set([1, 8, sizes.lanes]).sorted()
        return SpeedFacts.limits(
            precision: sizes.precision.rawValue,
            decoding: batches.map {
                ($0, Double($0) / peaks.decoding(shape, sizes.precision, batch: $0).seconds)
            },
            training: 1 / peaks.training(shape, sizes.precision).seconds)
    }
}
