package import EADConfiguration
package import EADProtocol

extension RunPlan {
    package init(_ configuration: ClusterConfiguration) {
        let evaluation = configuration.evaluation
        self.init(
            steps: UInt64(configuration.run.steps), evaluatesBefore: evaluation.before,
            evaluatesAfter: evaluation.after, evaluationInterval: UInt64(evaluation.every))
    }
}
