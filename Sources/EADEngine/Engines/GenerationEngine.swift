package import EADCore

/// Samples responses with the policy installed last. To be used by one thread at a time.
package protocol GenerationEngine: AnyObject {
    /// Advances with the work done; readable from any thread.
    var progress: EngineProgress { get }
    var tokensGenerated: UInt64 { get }
    /// Whether nothing is queued or being generated.
    var isIdle: Bool { get }

    /// Takes the policy for everything submitted from then on; only while idle, so that a group has one version.
    ///
    /// - Throws: `EngineError` for another size, for NaN or infinity and when memory runs out.
    func install(_ policy: PolicyImage) throws(EngineError)

    /// Queues a group.
    ///
    /// - Throws: `EngineError` for a request that can never be served, such as a prompt longer than the context.
    func submit(_ request: GenerationRequest) throws(EngineError)

    /// Drops a group, wherever it is; unknown ids are ignored.
    func cancel(_ id: GroupID)

    /// Draws one token for every active sample, and returns the groups that became complete.
    ///
    /// - Throws: `EngineError.nonFinite`; the engine is then to be discarded or emptied by `cancel`.
    func step() throws(EngineError) -> [GeneratedGroup]
}
