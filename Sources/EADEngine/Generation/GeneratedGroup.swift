package import EADCore

/// All responses of a request, in its order.
package struct GeneratedGroup: Hashable, Sendable {
    package var id: GroupID
    /// The weights that every token of every response was drawn with.
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

    package init(trace: TokenTrace, finish: FinishReason) {
        self.trace = trace
        self.finish = finish
    }
}
