import EADCore

/// Every figure there is, each described once: adding one takes a line here and the place that measures it.
///
/// Producers and readers name a figure by its property, as in `values[\.reward]`. Documentation, progress lines, charts
/// and the sinks follow from the lines, in their order.
package struct MetricCatalogue: Sendable {
    package static let shared = MetricCatalogue()

    // MARK: Rewards

    package let reward = Metric(
        "reward", .rewards, .number, column: MetricColumn("reward", decimals: 3, dropRank: 0),
        panel: MetricPanel(.reward, "Mean reward"), "mean reward, as the verifier gave it")
    package let rewardSampled = Metric(
        "reward_sampled", .rewards, .number,
        "mean reward of the scored rollouts of all groups sampled for the step, filtered ones included; the one to watch "
            + "with a filter")
    package let rewardDeviation = Metric(
        "reward_std", .rewards, .number, panel: MetricPanel(.reward, "Standard deviation of rewards"),
        "standard deviation of the rewards of a group (over n), mean over groups")
    package let passAtK = Metric(
        "pass_at_k", .rewards, .share, column: MetricColumn("pass@k", decimals: 3, dropRank: 2),
        panel: MetricPanel(.reward, "Groups with a right response"),
        "share of groups with at least one rollout of reward 1 or more; k is `samples_per_prompt`")
    package let groupsSolved = Metric(
        "groups_solved", .rewards, .share, "share of groups whose rollouts all have a reward of 1 or more")
    package let groupsFailed = Metric(
        "groups_failed", .rewards, .share, "share of groups none of whose rollouts has a reward of 1 or more")
    package let groupsWithAdvantage = Metric(
        "groups_with_advantage", .rewards, .groups, column: MetricColumn("useful", decimals: 0, dropRank: 3),
        panel: MetricPanel(.reward, "Groups with an advantage"),
        "groups with an advantage other than 0; without a KL, entropy or kl-cov term only these have a gradient and are "
            + "computed")
    package let groupsSampled = Metric(
        "groups_sampled", .rewards, .groups,
        "groups accepted for the step: `prompts_per_step`, and one more for each filtered one")
    package let groupsFiltered = Metric(
        "groups_filtered", .rewards, .groups, "those that the group filter refused; 0 without a filter")
    package let filterExhausted = Metric(
        "filter_exhausted", .rewards, .flag,
        "whether all groups that `group_filter_rounds` allows were sampled and too few were kept")
    package let unscoredRollouts = Metric(
        "unscored_rollouts", .rewards, .rollouts,
        "rollouts that the verifier's program failed on; they, and a scored one left alone in its group, are in no other "
            + "figure here and not trained on")
    package let groupsDiffering = Metric(
        "groups_differing", .rewards, .groups, isCounter: true,
        "groups that came twice with different samples, since the learner started; above 0, two workers compute "
            + "differently")

    // MARK: Responses

    package let entropy = Metric(
        "entropy", .responses, .nats, panel: MetricPanel(.entropy, "Entropy of the policy"),
        "mean over tokens of the entropy of the policy at temperature 1 without filters: comparable between schedules")
    package let entropySampled = Metric(
        "entropy_sampled", .responses, .nats, panel: MetricPanel(.entropy, "Entropy of the sampling law"),
        "the same of mu, the annealed and filtered law")
    package let temperatureMean = Metric(
        "temperature_mean", .responses, .number, column: MetricColumn("temp", decimals: 2, dropRank: 5),
        "mean temperature over tokens")
    package let temperatureAt = IndexedMetric(
        "temperature_at_", "P", .responses, .number,
        "mean temperature at response position P = 0, 1, 2, 4, 8, ... over the rollouts that reach it, up to the longest"
    )
    package let responseTokens = Metric("response_tokens", .responses, .tokens, "tokens in all")
    package let responseTokensMean = Metric(
        "response_tokens_mean", .responses, .tokens, column: MetricColumn("tokens", decimals: 1, dropRank: 4),
        panel: MetricPanel(.length, "Mean response length"), "tokens per rollout")
    package let responseTokensMax = Metric("response_tokens_max", .responses, .tokens, "tokens of the longest rollout")
    package let truncatedShare = Metric(
        "truncated_share", .responses, .share, panel: MetricPanel(.length, "Truncated responses"),
        "share of rollouts that ended at the token limit")

    // MARK: The objective

    package let loss = Metric(
        "loss", .objective, .number, "the objective: clipped, weighted, aggregated; mean over mini-batches")
    package let gradientNorm = Metric(
        "gradient_norm", .objective, .number, panel: MetricPanel(.update, "Gradient norm"),
        "global L2 norm before clipping; mean over mini-batches, 0 for one without a gradient; not given, like everything in "
            + "this table, for a step without any")
    package let logProbDifferenceMax = Metric(
        "logprob_diff_max", .objective, .nats,
        "largest absolute difference between the log pi recorded at sampling and the learner's before the first update, of "
            + "groups sampled with the step's own version; 0, or the group is thrown out (`training.logprob_mismatch: warn` "
            + "trains on it)")
    package let learningRate = Metric(
        "learning_rate", .objective, .number, panel: MetricPanel(.update, "Learning rate"),
        "of the step's updates: `training.learning_rate` and its schedule at the step")
    package let ratioMean = Metric("ratio_mean", .objective, .number, "mean r; 1 with one update per step")
    package let ratioMax = Metric("ratio_max", .objective, .number, "largest r; 1 with one update per step")
    package let klToOld = Metric(
        "kl_to_old", .objective, .nats, panel: MetricPanel(.update, "Divergence from the old policy"),
        "mean over tokens of r - 1 - log r, an estimate of KL(pi_old, pi); 0 with one update per step")
    package let klToReference = Metric(
        "kl_to_reference", .objective, .nats,
        "mean over tokens of `algorithm.kl_estimator` to the weights of the model file; only with a KL term")
    package let importanceMean = Metric(
        "importance_mean", .objective, .number,
        panel: MetricPanel(.importance, "Mean importance weight, before truncation"),
        "mean of pi_old / mu, before truncation")
    package let importanceMax = Metric(
        "importance_max", .objective, .number, panel: MetricPanel(.importance, "Largest importance weight"),
        "largest pi_old / mu, before truncation")
    package let importanceTruncatedShare = Metric(
        "importance_truncated_share", .objective, .share, panel: MetricPanel(.importance, "Weights cut to the cap"),
        "share of tokens whose weight was cut to the cap")
    package let rejectedShare = Metric(
        "rejected_share", .objective, .share, "share of tokens whose weight is 0: masked or rejected")
    package let stalenessMean = Metric(
        "staleness_mean", .objective, .number, panel: MetricPanel(.importance, "Staleness"),
        "by how many versions the policy that a group began with was older than the step: mean over groups; 0 in synchronous mode"
    )
    package let stalenessShare = IndexedMetric(
        "staleness_share_", "A", .objective, .share,
        "share of groups that began with a policy A = 0, 1, 2, ... versions older, up to the oldest")
    package let stalenessTokenMean = Metric(
        "staleness_token_mean", .objective, .number,
        "the same for the policies that drew the tokens: mean over response tokens")
    package let mixedShare = Metric(
        "mixed_share", .objective, .share,
        "share of responses that went on with a newer policy than the one their prompt was computed with "
            + "(`training.weight_swap: keep`)")
    package let weightsChangedShare = Metric(
        "weights_changed_share", .objective, .share,
        "share of the published weights that the step changed; only in bf16, and not for a learner's first step")
    package let deltaBytes = Metric(
        "delta_bytes", .objective, .bytes,
        "what a worker fetches to make the step's policy of the one before; not given when it fetches all of it")
    package let effectiveSampleShare = Metric(
        "effective_sample_share", .objective, .share, panel: MetricPanel(.importance, "Effective sample size"),
        "(sum w)^2 / (n sum w^2) of the applied weights")
    package let clipFractionLow = Metric(
        "clip_fraction_low", .objective, .share, panel: MetricPanel(.importance, "Clipped from below"),
        "share of tokens whose ratio was clipped from below")
    package let clipFractionHigh = Metric(
        "clip_fraction_high", .objective, .share, panel: MetricPanel(.importance, "Clipped from above"),
        "share of tokens whose ratio was clipped from above")
    package let clipFractionDual = Metric(
        "clip_fraction_dual", .objective, .share, "share of tokens whose ratio was clipped at the dual clip")

    // MARK: Time

    package let generationTokensPerSecond = Metric(
        "generation_tokens_per_second", .time, .tokensPerSecond,
        column: MetricColumn("gen tok/s", decimals: 0, dropRank: 6),
        panel: MetricPanel(.throughput, "Generation"),
        "`response_tokens` / `collecting_seconds`, over all workers; filtered groups do not count; not given where a step's groups "
            + "are sampled while others are trained")
    package let trainingTokensPerSecond = Metric(
        "training_tokens_per_second", .time, .tokensPerSecond,
        column: MetricColumn("train tok/s", decimals: 0, dropRank: 7),
        panel: MetricPanel(.throughput, "Training"),
        "prompt tokens (once per group) and response tokens of the computed groups / `training_seconds`")
    package let collectingSeconds = Metric(
        "collecting_seconds", .time, .seconds,
        "from publishing the policy to the last accepted group of its step, 0 if that was there: fetching, sampling, verifying, "
            + "evaluation in between")
    package let checkpointSeconds = Metric(
        "checkpoint_seconds", .time, .seconds,
        "writing the checkpoint of the policy the step begins with, while its groups are collected; only where there is "
            + "one")
    package let trainingSeconds = Metric("training_seconds", .time, .seconds, "forward, backward, updates")
    package let stepSeconds = Metric(
        "step_seconds", .time, .seconds, column: MetricColumn("seconds", decimals: 1, dropRank: 1),
        panel: MetricPanel(.throughput, "Whole step"), "from publishing one version to publishing the next")
    package let idleShareLearner = Metric(
        "idle_share_learner", .time, .share, by: [.controller], panel: MetricPanel(.throughput, "Learner idle"),
        "share of the time since the last report in which the learner waited for rollouts")
    package let idleShareWorkers = Metric(
        "idle_share_workers", .time, .share, by: [.controller], panel: MetricPanel(.throughput, "Workers idle"),
        "the same for workers, which wait for a lease, for a policy or for the learner to take their groups: mean over those alive"
    )
    package let windowExhaustedShare = Metric(
        "window_exhausted_share", .time, .share, by: [.controller], panel: MetricPanel(.throughput, "Window exhausted"),
        "share of the time since the last report in which a worker had room for a group and all groups of the open steps "
            + "were given out; not given in synchronous mode")

    // MARK: Demonstrations

    package let crossEntropy = Metric(
        "cross_entropy", .demonstrations, .nats, panel: MetricPanel(.demonstrations, "Cross-entropy in training"),
        "-log pi of a response token, mean over those of the step's demonstrations, before the update")
    package let demonstrations = Metric(
        "demonstrations", .demonstrations, .samples, "demonstrations of the step's batch")
    package let demonstratedTokens = Metric(
        "demonstrated_tokens", .demonstrations, .tokens, "their response tokens, those that end responses included")

    // MARK: Evaluations

    package let evaluatedProblems = Metric("problems", .evaluation, .problems, "their number")
    package let evaluatedSamples = Metric("samples", .evaluation, .samples, "n")
    package let unscoredResponses = Metric(
        "unscored_responses", .evaluation, .responses,
        "responses that the verifier's program failed on, in all; they are in no other figure but "
            + "`response_tokens_mean`, and a problem with fewer than K scored samples has no figures at K")
    package let greedyAccuracy = Metric(
        "greedy_accuracy", .evaluation, .share, title: "greedy", hasInterval: true, "reward of the greedy response")
    package let strictGreedyAccuracy = Metric(
        "strict_greedy_accuracy", .evaluation, .share, title: "greedy, strict form",
        "strict reward of the greedy response")
    package let sampledMean = Metric(
        "mean", .evaluation, .share, title: "mean", hasInterval: true, "mean reward of the n samples (mean@n)")
    package let strictSampledMean = Metric(
        "strict_mean", .evaluation, .share, title: "mean, strict form", "mean strict reward of the n samples")
    package let passAt = IndexedMetric(
        "pass_at_", "K", .evaluation, .share, title: "pass@", hasInterval: true,
        "unbiased: 1 - C(n - c, K) / C(n, K), the share of the subsets of K samples with a correct one")
    package let worstAt = IndexedMetric(
        "worst_at_", "K", .evaluation, .share, title: "worst@", hasInterval: true,
        "unbiased: C(c, K) / C(n, K), the share of the subsets with correct ones only")
    package let majorityAt = IndexedMetric(
        "maj_at_", "K", .evaluation, .share, title: "maj@", hasInterval: true,
        "whether the most frequent prediction of K samples is correct, over all subsets and orders of K samples; ties go "
            + "to the prediction seen first, so of r tied ones each counts 1/r; a sample without a prediction has no "
            + "vote. Exact, not sampled")
    package let bootstrapBestAt = IndexedMetric(
        "bootstrap_best_at_", "K", .evaluation, .share,
        "1 - (1 - c/n)^K: K samples drawn with replacement. verl reports it as best@K, from 1000 random rounds; this is "
            + "what the rounds tend to. It lies below `pass_at_K`")
    package let bootstrapWorstAt = IndexedMetric(
        "bootstrap_worst_at_", "K", .evaluation, .share,
        "(c/n)^K, the same for worst@K. It lies above `worst_at_K`")
    package let evaluatedTokensMean = Metric(
        "response_tokens_mean", .evaluation, .tokens, title: "tokens per response",
        "tokens per sampled response; of the greedy ones where none are sampled")

    package let heldOutLoss = Metric(
        "held_out_loss", .evaluation, .nats, by: [.control],
        panel: MetricPanel(.demonstrations, "Cross-entropy of held-out demonstrations"),
        "of `ead-ctl finetune`, and its only figures with the next: -log pi of a response token, mean over those of all "
            + "held-out demonstrations")
    package let heldOutDemonstrations = Metric(
        "held_out_demonstrations", .evaluation, .samples, by: [.control], "their number")

    // MARK: Events

    package let silentSeconds = Metric(
        "silent_seconds", .event, .seconds, "`died`: since the last that was heard of the node")
    package let releasedLeases = Metric(
        "leases", .event, .leases, "`died`: accepted leases the node held, which are free again")
    package let expiredAttempt = Metric(
        "attempt", .event, .number, "`lease_expired`: how often the group was leased, this time included")
    package let rewoundFrom = Metric("from", .event, .steps, "`rewound`: the step the run was at")
    package let rewoundTo = Metric("to", .event, .steps, "`rewound`: the step it goes on with, the learner's")

    // MARK: Counters of the controller

    package let messagesRefused = Metric(
        "refused", .controller, .messages,
        "messages answered with a refusal: a wrong cluster file, an unknown node, another run, a fenced process")
    package let processesFenced = Metric(
        "fenced", .controller, .processes, "processes whose name a later one took over; only the later one is heard")
    package let memberDeaths = Metric(
        "deaths", .controller, .processes, "members given up because they were silent too long")
    package let memberFailures = Metric(
        "failures", .controller, .processes, "members that said goodbye because of a fault of their own")
    package let leasesExpired = Metric(
        "leases_expired", .controller, .leases,
        "leases whose deadline passed, or of whose end word was lost; their groups are leased again")
    package let leasesFailed = Metric(
        "leases_failed", .controller, .leases, "leases that a worker could not fulfil")
    package let leasesRepeated = Metric(
        "leases_repeated", .controller, .leases, "leases of a group that was leased before")
    package let copiesBegun = Metric(
        "copies_begun", .controller, .leases,
        "leases of a group that a worker at most half as fast holds already, given when nothing else was left to give")
    package let copiesWon = Metric(
        "copies_won", .controller, .groups, "groups whose second copy was there before the first")
    package let quarantines = Metric(
        "quarantines", .controller, .processes,
        "how often a worker was given nothing for a while, because all it did of late was to fail")
    package let groupsReplaced = Metric(
        "groups_replaced", .controller, .groups, "groups leased in the place of filtered ones")

    // MARK: Counters of the learner

    package let groupsAccepted = Metric(
        "groups_accepted", .learner, .groups, by: [.learner, .worker],
        "groups that were made durable for the current step; a worker counts the acknowledgements of its own, here and "
            + "in the lines that follow")
    package let groupsDuplicate = Metric(
        "groups_duplicate", .learner, .groups, by: [.learner, .worker], "groups that were there already")
    package let groupsStale = Metric(
        "groups_stale", .learner, .groups, by: [.learner, .worker],
        "groups of a step that is over, which the worker drops; a worker counts the early ones here, too")
    package let groupsEarly = Metric(
        "groups_early", .learner, .groups,
        "groups of a slot that the step does not have yet: it was opened in an earlier life of the learner")
    package let groupsRefused = Metric(
        "groups_refused", .learner, .groups, by: [.learner, .worker],
        "groups that contradict the run: wrong lengths, unknown tokens, numbers that are not finite")
    package let groupsDiscarded = Metric(
        "groups_discarded", .learner, .groups,
        "groups that were accepted, could not be trained on, and were thrown out, to be sampled again")
    package let requestsRefused = Metric(
        "requests_refused", .learner, .messages,
        "requests of workers answered with a refusal, such as for a policy version that is gone")

    // MARK: Counters of a worker

    package let groupsResent = Metric(
        "groups_resent", .worker, .groups, "groups sent again because no acknowledgement came in time")
    package let groupsSwapped = Metric(
        "groups_swapped", .worker, .groups,
        "groups under way that went on with a newer policy, once for each (`training.weight_swap: keep`)")
    package let leasesObsolete = Metric(
        "leases_obsolete", .worker, .leases, "leases dropped because the run went on without them")
    package let chunksStored = Metric(
        "chunks_stored", .worker, .chunks, "chunks of policies, and pieces of deltas, fetched and verified")
    package let chunksDuplicate = Metric(
        "chunks_duplicate", .worker, .chunks, "chunks that came although they were there already")
    package let chunksDamaged = Metric(
        "chunks_damaged", .worker, .chunks, "chunks whose hash was not the manifest's; they are fetched again")

    package let deltasApplied = Metric(
        "deltas_applied", .worker, .deltas, "steps of the policy that were made from what the step changed")
    package let deltasFailed = Metric(
        "deltas_failed", .worker, .deltas,
        "deltas that could not be fetched or gave a wrong policy; its chunks are fetched whole")

    // MARK: Counters of the verifier program

    package let verifierResponses = Metric(
        "verifier_responses", .verifier, .responses, "responses that the program scored or failed on")
    package let verifierFaults = Metric(
        "verifier_faults", .verifier, .faults,
        "how often the program died, hung or answered wrongly and was killed, or could not be started again")

    // MARK: Counters of every process's messages

    package let bytesReceived = Metric(
        "received_bytes", .transport, .bytes, "bytes of messages that came, without what ZeroMQ and encryption add")
    package let bytesSent = Metric(
        "sent_bytes", .transport, .bytes, "bytes of messages that were sent, without what ZeroMQ and encryption add")
    package let messagesUnusable = Metric(
        "messages_refused", .transport, .messages, by: [.learner, .worker],
        "messages that are no acceptable envelope, come under a name that is not the key's, or are not for this role; the "
            + "controller counts them as `refused`")
    package let handshakesFailed = Metric(
        "handshakes_failed", .transport, .connections,
        "connections that never became usable: not ZeroMQ, too slow, no key, a wrong key of the server")
    package let authenticationsRefused = Metric(
        "authentications_refused", .transport, .connections, "connections whose key is not on the allow-list")
    package let wrongPartCounts = Metric(
        "wrong_part_counts", .transport, .messages, "messages without a part, or with more than two")
    package let unintroducedMessages = Metric(
        "unintroduced_messages", .transport, .messages,
        "messages of peers that never introduced themselves: ZMTP 1.0 or 2.0, or bytes taken for it")
    package let connectionsCut = Metric(
        "connections_cut", .transport, .connections,
        "connections reset because of a message that grew past every limit or had too many parts")
    package let connectionsCrowdedOut = Metric(
        "connections_crowded_out", .transport, .connections,
        "connections cut because too many had not said anything yet")
    package let unroutableMessages = Metric(
        "unroutable_messages", .transport, .messages, "messages to a peer that is gone")
    package let unsentMessages = Metric(
        "unsent_messages", .transport, .messages, "messages still queued when their socket was closed")

    private init() {}
}
