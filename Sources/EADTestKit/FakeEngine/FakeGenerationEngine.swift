package import EADCore
package import EADEngine
import EADModels
import EADSampling

/// Samples without a model: tokens and their numbers are a pure function of sample key, request and installed bytes.
///
/// Lanes and stop rules are the real ones: the scheduler is the one that computing engines use.
package final class FakeGenerationEngine: GenerationEngine {
    package let progress = EngineProgress()
    package private(set) var tokensGenerated: UInt64 = 0
    package var isIdle: Bool { self.scheduler.isIdle }
    private let shape: ModelShape
    private let tokenBytes: (TokenID) -> [UInt8]
    private var resident: [PolicyVersion: FakePolicy] = [:]
    private var scheduler: GenerationScheduler

    package init(_ shape: ModelShape, lanes: Int, tokenBytes: @escaping (TokenID) -> [UInt8] = { _ in [] }) {
        self.shape = shape
        self.tokenBytes = tokenBytes
        self.scheduler = GenerationScheduler(lanes: lanes)
    }

    package func install(_ policy: PolicyImage, keeping kept: Set<PolicyVersion>) throws(EngineError) {
        precondition(!kept.contains(policy.version), "a version has one set of weights")
        let expected = ParameterLayout(self.shape).count * policy.precision.bytesPerParameter
        guard policy.bytes.count == expected else {
            throw .parameterSize(expectedBytes: expected, actualBytes: policy.bytes.count)
        }
        self.resident = self.resident.filter { kept.contains($0.key) }
        self.resident[policy.version] = FakePolicy(bytes: policy.bytes, vocabulary: self.shape.vocabulary)
        self.scheduler.goOn(with: policy.version, keeping: kept)
    }

    package func submit(_ request: GenerationRequest, with version: PolicyVersion) throws(EngineError) {
        precondition(self.resident[version] != nil, "weights are installed first")
        let place = "\(request.id)"
        guard !request.promptTokens.isEmpty else { throw .emptyPrompt(place: place) }
        let length = request.promptTokens.count + request.sampling.maxTokens
        guard length <= self.shape.contextLength else {
            throw .contextOverflow(tokens: length, context: self.shape.contextLength, place: place)
        }
        self.scheduler.submit(request, with: version)
    }

    package func cancel(_ id: GroupID) { _ = self.scheduler.cancel(id) }

    package func step() throws(EngineError) -> [GeneratedGroup] {
        guard !self.isIdle else { return [] }
        repeat { _ = self.scheduler.start() } while !self.scheduler.admit(rows: self.shape.contextLength).isEmpty
        _ = self.scheduler.arrange()
        let rows = self.scheduler.active
        self.tokensGenerated += UInt64(rows.count)
        self.progress.advance()
        return self.scheduler.record(tokenBytes: self.tokenBytes) { row, trace in
            guard let policy = self.resident[rows[row].version] else {
                preconditionFailure("weights are kept until what is drawn with them has ended, or goes on with others")
            }
            policy.draw(rows[row], into: &trace)
        }.complete
    }
}

extension FakePolicy {
    /// Appends the next token of a sample with what is recorded of it.
    fileprivate func draw(_ sample: ScheduledSample, into trace: inout TokenTrace) {
        let text = sample.request.promptTokens + sample.trace.tokens
        let temperature = sample.temperature
        let greedy = temperature == 0
        let token = self.draw(greedy ? 0 : sample.uniform, after: text)
        trace.append(token) { column in
            switch column {
            case .temperature: temperature
            case .behaviourLogProb: greedy ? 0 : self.logProb(token, after: text)
            case .policyLogProb: self.logProb(token, after: text)
            case .policyEntropy: self.entropy(after: text)
            case .behaviourEntropy: greedy ? 0 : self.entropy(after: text)
            }
        }
    }
}
