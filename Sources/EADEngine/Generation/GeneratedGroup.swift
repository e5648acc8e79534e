package import EADCore

/// All responses of a request, in its order.
package struct GeneratedGroup: Hashable, Sendable {
    package var id: GroupID
    /// The weights that its prompt was computed with, and that drew each token of which its sample does not say another.
    package var version: PolicyVersion
    package var samples: [GeneratedSample]

    package init(id: GroupID, version: PolicyVersion, samples: [GeneratedSample]) {
        self.id = id
        self.version = version
        self.samples = samples
    }
}

/// One response.
package struct GeneratedSample: Hashable, Sendable {
    package var trace: TokenTrace
    package var finish: FinishReason
    /// The policies that drew it, where it was not the group's version alone.
    package var runs: VersionRuns

    package init(trace: TokenTrace, finish: FinishReason, runs: VersionRuns = VersionRuns()) {
        self.trace = trace
        self.finish = finish
        self.runs = runs
    }
}
