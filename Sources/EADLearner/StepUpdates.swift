import EADAlgorithms

/// What was measured over the updates of a step.
struct StepUpdates {
    /// Whether the objective looks at a reference policy.
    let hasReference: Bool
    /// Over the tokens of all updates.
    private(set) var objective = ObjectiveMetrics()
    /// The global norms of the gradients, before clipping, of the updates that were made.
    private(set) var norms: [Double] = []
    /// The largest difference to a recorded log-probability before the weights changed, of groups sampled with these
    /// weights; nil while there was no such group.
    private(set) var recordedDifference: Double?
    private var losses: [Double] = []

    init(hasReference: Bool) { self.hasReference = hasReference }

    /// Adds a mini-batch.
    ///
    /// - Parameters:
    ///   - norm: Nil where nothing had a gradient and no update was made.
    ///   - recordedDifference: Nil where no group was sampled with the weights before the step.
    mutating func add(_ metrics: ObjectiveMetrics, norm: Double?, recordedDifference: Double?) {
        if self.norms.isEmpty { self.recordedDifference = recordedDifference }
        self.objective.merge(metrics)
        self.losses.append(metrics.loss)
        if let norm { self.norms.append(norm) }
    }

    /// The mean loss of the mini-batches; each has an equal share of the step.
    var loss: Double { self.losses.reduce(0, +) / Double(max(self.losses.count, 1)) }
    /// The mean norm over all mini-batches, 0 for those without a gradient.
    var gradientNorm: Double { self.norms.reduce(0, +) / Double(max(self.losses.count, 1)) }
}
