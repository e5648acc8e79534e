import EADTelemetry

extension FigureMaker {
    /// Figure 3: entropy over steps.
    var entropyFigure: Figure {
        self.figure(
            3, "entropy", "Entropy",
            "Mean entropy over the response tokens of a step: of the policy (temperature 1), and of the law the tokens "
                + "were drawn from.",
            Measure.panels(of: .entropy))
    }

    /// The figures that have one panel per metric of the step records.
    func plainFigures(from first: Int) -> [Figure] {
        [
            self.figure(
                first, "reward", "Reward",
                "Over the training groups of each step: mean reward and its deviation, the share of groups with at "
                    + "least one right response, and the number of groups whose rewards differ, the only ones with a "
                    + "gradient.",
                Measure.panels(of: .reward)),
            self.figure(
                first + 1, "length", "Response length",
                "Over the responses of each step: mean length, and the share that ended at the token limit.",
                Measure.panels(of: .length)),
            self.temperatureFigure(first + 2),
            self.figure(
                first + 3, "throughput", "Throughput and idle time",
                "Per step: tokens sampled by all workers, tokens trained by the learner, the whole step, and the share "
                    + "of it that each side waited.",
                Measure.panels(of: .throughput)),
            self.figure(
                first + 4, "importance", "Importance weights and clipping",
                "Over the trained tokens of each step: the weights that correct for sampling from another law than the "
                    + "policy, and the tokens whose ratio was clipped.",
                Measure.panels(of: .importance)),
            self.figure(
                first + 5, "update", "Size of the update",
                "Per step: norm of the gradient before clipping, and divergence of the policy from the one the step "
                    + "began with.",
                Measure.panels(of: .update)),
        ]
    }
}
