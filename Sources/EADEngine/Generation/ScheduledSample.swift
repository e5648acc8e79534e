package import EADCore
import EADSampling

/// A response being drawn: where it stands, and how its next token is to be drawn.
package struct ScheduledSample: Sendable {
    /// Different for every sample ever started.
    package let number: UInt64
    /// The number of its group's prompt.
    package let prompt: UInt64
    package let request: GenerationRequest
    /// The policy that its prompt was computed with.
    package let promptVersion: PolicyVersion
    /// The newest policy that it was told to go on with.
    private var newest: PolicyVersion
    /// Its place in the request.
    package let index: Int
    package private(set) var trace = TokenTrace()
    /// The policies that drew its tokens.
    package private(set) var runs = VersionRuns()
    private var detector: StopDetector

    /// - Parameters:
    ///   - promptVersion: The policy that its prompt was computed with.
    ///   - version: The policy that draws its first token.
    init(
        number: UInt64, prompt: UInt64, request: GenerationRequest, promptVersion: PolicyVersion,
        version: PolicyVersion, index: Int
    ) {
        self.number = number
        self.prompt = prompt
        self.request = request
        self.promptVersion = promptVersion
        self.newest = version
        self.index = index
        self.detector = StopDetector(request.sampling.stopStrings)
    }

    package var group: GroupID { self.request.id }

    /// The policy that draws its next token.
    package var version: PolicyVersion {
        let prescribed = self.request.samples[self.index].runs
        return prescribed.isEmpty
            ? self.newest : prescribed.version(at: self.trace.count, group: self.promptVersion)
    }

    /// Its next token is drawn by another policy, unless its request says by which.
    mutating func goOn(with version: PolicyVersion) { self.newest = version }

    /// The position of the last token drawn, which is the next to be computed.
    package var position: Int { self.request.promptTokens.count + self.trace.count - 1 }

    /// The temperature of the next token; 0 draws the most probable one.
    package var temperature: Float {
        self.request.samples[self.index].greedy
            ? 0 : self.request.sampling.schedule.temperature(at: self.trace.count, step: self.request.step)
    }

    /// The random number of the next token.
    package var uniform: Float { self.request.samples[self.index].key.uniform(at: self.trace.count) }

    /// Adds a token; why the response ends with it, or nil.
    mutating func append(
        tokenBytes: (TokenID) -> [UInt8], _ append: (inout TokenTrace) -> Void
    ) -> FinishReason? {
        self.runs.append(self.version, after: self.trace.count, group: self.promptVersion)
        append(&self.trace)
        guard let token = self.trace.tokens.last else { preconditionFailure("a token was appended") }
        if self.request.stopTokens.contains(token) { return .stopToken }
        if !self.request.sampling.stopStrings.isEmpty, self.detector.append(tokenBytes(token)) { return .stopString }
        return self.trace.count == self.request.sampling.maxTokens ? .length : nil
    }
}
