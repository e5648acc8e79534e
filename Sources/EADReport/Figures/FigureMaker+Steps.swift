extension FigureMaker {
    /// Figure 3: entropy over steps.
    var entropyFigure: Figure {
        self.figure(
            3, "entropy", "Entropy",
            "Mean entropy over the response tokens of a step: of the policy (temperature 1), and of the law the tokens "
                + "were drawn from.",
            [
                .plain("entropy", "Entropy of the policy", unit: "nats"),
                .plain("entropy_sampled", "Entropy of the sampling law", unit: "nats"),
            ])
    }

    /// The figures that have one panel per metric of the step records.
    func plainFigures(from first: Int) -> [Figure] {
        [
            self.figure(
                first, "reward", "Reward",
                "Over the training groups of each step: mean reward and its deviation, the share of groups with at "
                    + "least one right response, and the number of groups whose rewards differ, the only ones with a "
                    + "gradient.",
                [
                    .plain("reward", "Mean reward"),
                    .plain("reward_std", "Standard deviation of rewards"),
                    .share("pass_at_k", "Groups with a right response", .steps),
                    .plain("groups_with_advantage", "Groups with an advantage", unit: "groups"),
                ]),
            self.figure(
                first + 1, "length", "Response length",
                "Over the responses of each step: mean length, and the share that ended at the token limit.",
                [
                    .plain("response_tokens_mean", "Mean response length", unit: "tokens"),
                    .share("truncated_share", "Truncated responses", .steps),
                ]),
            self.temperatureFigure(first + 2),
            self.figure(
                first + 3, "throughput", "Throughput and idle time",
                "Per step: tokens sampled by all workers, tokens trained by the learner, the whole step, and the share "
                    + "of it that each side waited.",
                [
                    .plain("generation_tokens_per_second", "Generation", unit: "tokens/s"),
                    .plain("training_tokens_per_second", "Training", unit: "tokens/s"),
                    .plain("step_seconds", "Whole step", unit: "s"),
                    .share("idle_share_learner", "Learner idle", .steps),
                    .share("idle_share_workers", "Workers idle", .steps),
                ]),
            self.figure(
                first + 4, "importance", "Importance weights and clipping",
                "Over the trained tokens of each step: the weights that correct for sampling from another law than the "
                    + "policy, and the tokens whose ratio was clipped.",
                [
                    .plain("importance_mean", "Mean importance weight, before truncation"),
                    .plain("importance_max", "Largest importance weight"),
                    .share("importance_truncated_share", "Weights cut to the cap", .steps),
                    .share("effective_sample_share", "Effective sample size", .steps),
                    .share("clip_fraction_low", "Clipped from below", .steps),
                    .share("clip_fraction_high", "Clipped from above", .steps),
                ]),
            self.figure(
                first + 5, "update", "Size of the update",
                "Per step: norm of the gradient before clipping, and divergence of the policy from the one the step "
                    + "began with.",
                [
                    .plain("gradient_norm", "Gradient norm"),
                    .plain("kl_to_old", "Divergence from the old policy", unit: "nats"),
                ]),
        ]
    }
}
