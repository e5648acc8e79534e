package import EADCore
package import EADEngine
package import EADModels

/// Trains without a model: gradients and updates are a deterministic fold over the coefficients it is given.
///
/// Its log-probabilities are those that `FakeGenerationEngine` records under the same weights.
package final class FakeTrainingEngine: TrainingEngine {
    package let configuration: ComputeConfiguration
    package let layout: ParameterLayout
    package let progress = EngineProgress()
    package private(set) var updates = 0
    private var parameters: [Float]
    private var gradients: [Float]
    private var firstMoments: [Float]
    private var secondMoments: [Float]
    private var reference: FakePolicy?

    package init(
        _ shape: ModelShape, _ configuration: ComputeConfiguration, parameters: UnsafeBufferPointer<Float>
    ) throws(EngineError) {
        self.configuration = configuration
        self.layout = ParameterLayout(shape)
        self.parameters = Array(parameters)
        self.gradients = Array(repeating: 0, count: self.layout.count)
        self.firstMoments = self.gradients
        self.secondMoments = self.gradients
        try self.check(parameters)
    }

    private func check(_ values: UnsafeBufferPointer<Float>) throws(EngineError) {
        guard values.count == self.layout.count else {
            throw .parameterSize(expectedBytes: 4 * self.layout.count, actualBytes: 4 * values.count)
        }
    }

    package func zeroGradients() { self.gradients = Array(repeating: 0, count: self.layout.count) }

    package func accumulate(
        _ tokens: TokenBatch, withEntropies: Bool,
        coefficients: (_ logProbs: [Float], _ entropies: [Float]) throws -> TokenCoefficients
    ) throws {
        let policy = self.policy
        let entropies = withEntropies ? Self.map(tokens) { _, text in policy.entropy(after: text) } : []
        let wanted = try coefficients(Self.logProbs(tokens, under: policy), entropies)
        try wanted.check(count: tokens.count)
        for (index, value) in (wanted.logProbs + wanted.entropies).enumerated() {
            self.gradients[index % self.gradients.count] += value
        }
    }

    package func currentLogProbs(_ tokens: TokenBatch) throws(EngineError) -> [Float] {
        Self.logProbs(tokens, under: self.policy)
    }

    package func update(_ optimizer: OptimizerConfiguration) throws(EngineError) -> UpdateSummary {
        let norm = self.gradients.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard norm < 1e18 else {
            throw .nonFinite(what: "the sum of squares", place: "gradients of update \(self.updates + 1)")
        }
        for index in self.parameters.indices {
            let gradient = self.gradients[index]
            self.firstMoments[index] = 0.5 * (self.firstMoments[index] + gradient)
            self.secondMoments[index] += gradient * gradient
            self.parameters[index] -= optimizer.learningRate * self.firstMoments[index]
        }
        self.updates += 1
        self.progress.advance()
        return UpdateSummary(gradientNorm: norm, clipped: false, updates: self.updates)
    }

    package func exportPolicy(_ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer) {
        let precision = self.configuration.precision
        precondition(destination.count == range.count * precision.bytesPerParameter, "room for all of it")
        for (index, value) in self.parameters[range].enumerated() {
            switch precision {
            case .f32: destination.storeBytes(of: value, toByteOffset: 4 * index, as: Float.self)
            case .bf16:
                destination.storeBytes(
                    of: UInt16(value.bitPattern >> 16), toByteOffset: 2 * index, as: UInt16.self)
            }
        }
    }

    package func keepReference(_ policy: PolicyImage) throws(EngineError) {
        self.reference = FakePolicy(bytes: policy.bytes, vocabulary: self.layout.shape.vocabulary)
    }

    package func referenceLogProbs(_ tokens: TokenBatch) throws(EngineError) -> [Float] {
        guard let reference = self.reference else { preconditionFailure("a reference is kept before it is asked") }
        return Self.logProbs(tokens, under: reference)
    }

    package var saved: SavedTraining {
        func source(_ values: [Float]) -> ByteSource {
            ByteSource(count: 4 * values.count) { offset, piece in
                values.withUnsafeBytes {
                    piece.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + piece.count]))
                }
            }
        }
        return SavedTraining(
            parameters: source(self.parameters), firstMoments: source(self.firstMoments),
            secondMoments: source(self.secondMoments))
    }

    package func restore(_ state: TrainingState) throws(EngineError) {
        for values in [state.parameters, state.firstMoments, state.secondMoments] { try self.check(values) }
        self.parameters = Array(state.parameters)
        self.firstMoments = Array(state.firstMoments)
        self.secondMoments = Array(state.secondMoments)
        self.updates = state.updates
        self.zeroGradients()
    }

    /// The policy of the weights as they would be published.
    private var policy: FakePolicy {
        let count = self.layout.count * self.configuration.precision.bytesPerParameter
        return withUnsafeTemporaryAllocation(byteCount: count, alignment: 8) { bytes in
            self.exportPolicy(into: bytes)
            return FakePolicy(bytes: UnsafeRawBufferPointer(bytes), vocabulary: self.layout.shape.vocabulary)
        }
    }

    private static func logProbs(_ tokens: TokenBatch, under policy: FakePolicy) -> [Float] {
        Self.map(tokens) { token, text in policy.logProb(token, after: text) }
    }

    /// A number for every response token, from the token and the tokens before it.
    private static func map(_ batch: TokenBatch, _ value: (TokenID, [TokenID]) -> Float) -> [Float] {
        var values: [Float] = []
        for (prompt, responses) in zip(batch.prompts, batch.groups) {
            for response in batch.responses[responses] {
                for index in response {
                    let text = batch.promptTokens[prompt] + batch.trace.tokens[response.lowerBound..<index]
                    values.append(value(batch.trace.tokens[index], Array(text)))
                }
            }
        }
        return values
    }
}
