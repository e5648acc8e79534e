package import EADCore
package import EADModels

/// Trains a policy: log-probabilities of responses, their gradients, the optimizer. To be used by one thread at a time.
package protocol TrainingEngine: AnyObject {
    var configuration: ComputeConfiguration { get }
    var layout: ParameterLayout { get }
    /// Advances with the work done; readable from any thread.
    var progress: EngineProgress { get }
    /// Updates done since the moments were zero.
    var updates: Int { get }

    func zeroGradients()

    /// Adds the gradients of one micro-batch to those so far.
    ///
    /// - Parameters:
    ///   - tokens: Computed together; see `microBatches`.
    ///   - withEntropies: Whether the loss depends on the entropies at tau = 1, too.
    ///   - coefficients: From log-probabilities and entropies (in nats; none without `withEntropies`) of the response
    ///     tokens to the loss's derivatives.
    /// - Throws: `EngineError` for unusable groups or coefficients and log-probabilities that are not finite, and what
    ///   `coefficients` throws; the gradients are then unchanged.
    func accumulate(
        _ tokens: TokenBatch, withEntropies: Bool,
        coefficients: (_ logProbs: [Float], _ entropies: [Float]) throws -> TokenCoefficients
    ) throws

    /// log pi of every response token under the weights as they are; gradients stay as they are.
    ///
    /// - Throws: `EngineError` for unusable groups and for log-probabilities that are not finite.
    func currentLogProbs(_ tokens: TokenBatch) throws(EngineError) -> [Float]

    /// One step of the optimizer with the gradients so far, which stay as they are.
    ///
    /// - Throws: `EngineError.nonFinite`: nothing is changed when a gradient is not finite, and the engine has to be
    ///   restored when a weight is not.
    func update(_ optimizer: OptimizerConfiguration) throws(EngineError) -> UpdateSummary

    /// Writes the published form of the parameters `range` of the layout.
    ///
    /// - Parameter destination: As many elements of the configured precision.
    func exportPolicy(_ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer)

    /// Keeps a policy, beside the one that is trained, for `referenceLogProbs`.
    func keepReference(_ policy: PolicyImage) throws(EngineError)

    /// log pi of every response token under the reference.
    func referenceLogProbs(_ tokens: TokenBatch) throws(EngineError) -> [Float]

    /// What a checkpoint holds; valid until the next update.
    var saved: SavedTraining { get }

    /// Takes the state of an earlier engine, so that training goes on as if it had not stopped. Gradients become zero.
    ///
    /// - Throws: `EngineError` for arrays of another size and for NaN or infinity (naming the tensor); nothing is
    ///   changed then.
    func restore(_ state: TrainingState) throws(EngineError)
}

extension TrainingEngine {
    /// Writes the published form of all weights: `layout.count` elements of the configured precision.
    package func exportPolicy(into destination: UnsafeMutableRawBufferPointer) {
        self.exportPolicy(0..<self.layout.count, into: destination)
    }

    /// Cuts groups into consecutive micro-batches of at most `configuration.rowLimit` computed positions (at least one
    /// group each).
    ///
    /// Depends on the lengths only, so that every run cuts alike.
    package func microBatches(of batch: TokenBatch) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var begin = 0
        var rows = 0
        for index in batch.groups.indices {
            let added = batch.rows(of: index)
            if index > begin, rows + added > self.configuration.rowLimit {
                ranges.append(begin..<index)
                begin = index
                rows = 0
            }
            rows += added
        }
        if begin < batch.groups.count { ranges.append(begin..<batch.groups.count) }
        return ranges
    }
}
