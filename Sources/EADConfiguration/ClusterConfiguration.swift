package import EADAlgorithms
package import EADCore
package import EADEnvironments
package import EADSampling

/// Everything a cluster file says, with all defaults filled in.
package struct ClusterConfiguration: Hashable, Sendable {
    package var run: RunConfiguration
    package var model: ModelConfiguration
    package var task: TaskConfiguration
    package var sampling: SamplingConfiguration
    package var algorithm: AlgorithmConfiguration
    package var training: TrainingConfiguration
    package var evaluation: EvaluationConfiguration
    package var checkpoint: CheckpointConfiguration
    package var journal: JournalConfiguration
    package var log: LogConfiguration
    package var observe: ObserveConfiguration
    package var `protocol`: ProtocolConfiguration
    package var controller: ControllerConfiguration
    package var learner: LearnerConfiguration
    package var workers: [WorkerConfiguration]
    package var security: SecurityConfiguration

    /// Every node with its role.
    package var nodes: [NodeID: Role] {
        var nodes: [NodeID: Role] = [self.controller.name: .controller, self.learner.name: .learner]
        for worker in self.workers { nodes[worker.name] = .worker }
        return nodes
    }

    /// Groups that may be sampled for one step: more than it trains on where a filter refuses some.
    package var maximumSlots: Int {
        self.training.promptsPerStep * (self.algorithm.groupFilter == .none ? 1 : self.algorithm.groupFilterRounds)
    }

    /// The settings of the worker of that name; nil for any other name.
    package func worker(_ name: NodeID) -> WorkerConfiguration? { self.workers.first { $0.name == name } }

    /// The public key of a node, or of `control`, in Z85; nil where none is listed.
    package func publicKey(of node: NodeID) -> String? { self.security.publicKeys[node] }

    /// What reading starts from: the defaults, and stand-ins where a setting is required.
    init() {
        let nowhere = Endpoint(host: "127.0.0.1", port: 0)
        self.run = RunConfiguration(name: "unnamed", steps: 0, directory: "")
        self.model = ModelConfiguration(path: "")
        self.task = TaskConfiguration(kind: .add2, heldOut: 1)
        self.sampling = SamplingConfiguration(schedule: .annealed(AnnealedSchedule()), maxTokens: 1)
        self.algorithm = AlgorithmConfiguration()
        self.training = TrainingConfiguration(promptsPerStep: 1, samplesPerPrompt: 2, learningRate: 1e-6)
        self.evaluation = EvaluationConfiguration()
        self.checkpoint = CheckpointConfiguration()
        self.journal = JournalConfiguration()
        self.log = LogConfiguration()
        self.observe = ObserveConfiguration()
        self.protocol = ProtocolConfiguration()
        self.controller = ControllerConfiguration(endpoint: nowhere)
        self.learner = LearnerConfiguration(endpoint: nowhere)
        self.workers = []
        self.security = SecurityConfiguration(keys: "")
    }

    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.section("run") { self.run.visit(visitor) }
        visitor.section("model") { self.model.visit(visitor) }
        visitor.section("task") { self.task.visit(visitor) }
        visitor.section("sampling") { self.sampling.visit(visitor) }
        visitor.section("algorithm") { self.algorithm.visit(visitor) }
        visitor.section("training") { self.training.visit(visitor) }
        visitor.changeable { self.visitChangeable(visitor) }
    }

    /// Nothing in these sections is part of what a run computes.
    private mutating func visitChangeable(_ visitor: some SettingVisitor) {
        visitor.section("evaluation") { self.evaluation.visit(visitor, training: self.sampling) }
        visitor.section("checkpoint") { self.checkpoint.visit(visitor) }
        visitor.section("journal") { self.journal.visit(visitor) }
        visitor.section("log") { self.log.visit(visitor) }
        visitor.section("observe") { self.observe.visit(visitor) }
        visitor.section("protocol") { self.protocol.visit(visitor) }
        visitor.section("nodes") {
            visitor.section("controller") { self.controller.visit(visitor) }
            visitor.section("learner") { self.learner.visit(visitor) }
            visitor.list(
                "workers", &self.workers, element: { WorkerConfiguration(name: NodeID("")) }
            ) { worker in
                worker.visit(visitor)
            }
        }
        let nodes = self.nodes.keys.filter { !$0.rawValue.isEmpty && $0 != SecurityConfiguration.control }
        visitor.section("security") {
            self.security.visit(visitor, nodes: nodes.sorted() + [SecurityConfiguration.control])
        }
    }
}
