package import EADCore

/// Samples responses with the policies that are resident. To be used by one thread at a time.
package protocol GenerationEngine: AnyObject {
    /// Advances with the work done; readable from any thread.
    var progress: EngineProgress { get }
    var tokensGenerated: UInt64 { get }
    /// Whether nothing is queued or being generated.
    var isIdle: Bool { get }

    /// Makes a policy resident, and gives up all others but `kept` before it takes memory for it.
    ///
    /// What is queued or being generated with one that is given up goes on with this one, from its next token and with the
    /// keys and values that it has; its record says which policy drew what.
    /// - Throws: `EngineError` for another size, for NaN or infinity and when memory runs out.
    func install(_ policy: PolicyImage, keeping kept: Set<PolicyVersion>) throws(EngineError)

    /// Queues a group, to be sampled with a resident policy; where a sample says what draws it, with those, all resident.
    ///
    /// - Throws: `EngineError` for a request that can never be served, such as a prompt longer than the context.
    func submit(_ request: GenerationRequest, with version: PolicyVersion) throws(EngineError)

    /// Drops a group, wherever it is; unknown ids are ignored.
    func cancel(_ id: GroupID)

    /// Draws one token for every active sample, and returns the groups that became complete.
    ///
    /// - Throws: `EngineError.nonFinite`; the engine is then to be discarded or emptied by `cancel`.
    func step() throws(EngineError) -> [GeneratedGroup]
}
