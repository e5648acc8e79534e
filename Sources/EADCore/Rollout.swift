/// One sampled response with its trace and its score.
package struct Rollout: Hashable, Sendable {
    /// The response, without the prompt.
    package var trace: TokenTrace
    package var finish: FinishReason
    /// Nil if the verifier failed on the response: it is then neither trained on nor counted in a mean.
    package var verdict: Verdict?
    /// The policies that drew it, where it was not the group's version alone.
    package var runs: VersionRuns

    package init(trace: TokenTrace, finish: FinishReason, verdict: Verdict?, runs: VersionRuns = VersionRuns()) {
        self.trace = trace
        self.finish = finish
        self.verdict = verdict
        self.runs = runs
    }
}
