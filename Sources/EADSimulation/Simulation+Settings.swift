import EADController
import EADCore
import EADProtocol

/// The run that tests simulate.
extension Simulation {
    static let plan = RunPlan(steps: 8, evaluatesBefore: true, evaluatesAfter: true)

    /// 11 problems, steps of 4 of them.
    static func settings(
        workers: Int, maximumSlots: Int = 4, bound: UInt64 = 0, steps: UInt64 = Simulation.plan.steps
    ) -> ControllerSettings {
        var nodes: [NodeID: Role] = [Simulation.learnerNode: .learner]
        for index in 0..<workers { nodes[NodeID("worker-\(index)")] = .worker }
        let problems = (0..<11).map { Problem(index: UInt32($0), prompt: "\($0)", answer: "") }
        let order = ProblemOrder(problemCount: 11, promptsPerStep: 4) { count, epoch in
            (0..<UInt32(count)).map { ($0 + UInt32(epoch) * 5) % UInt32(count) }
        }
        let replacements = ReplacementOrder(order) {
            5 + $0
        } permutation: { count, seed, step in
            (0..<UInt32(count)).map { ($0 + UInt32(seed + step.rawValue)) % UInt32(count) }
        }
        return ControllerSettings(
            runName: "simulated", plan: RunPlan(steps: steps, evaluatesBefore: true, evaluatesAfter: true),
            configurationHash: [UInt8](repeating: 1, count: 32), nodes: nodes,
            control: NodeID("control"),
            curriculum: Curriculum(
                problems: problems, order: order, replacements: replacements, maximumSlots: maximumSlots, samples: 2,
                seed: 5), gate: StalenessGate(bound: bound), heldOut: Array(problems.prefix(3)), evaluationSamples: 2,
            evaluatesGreedily: false,
            terms: LeaseTerms(duration: .seconds(20), offerTimeout: .seconds(2), maximumAttempts: 1000),
            liveness: LivenessConfiguration(
                heartbeatInterval: .seconds(1), deadAfter: .seconds(5), stalledAfter: .seconds(30)),
            farewell: .seconds(30), overdueAfter: .seconds(120), maximumIdleSteps: 3)
    }
}
