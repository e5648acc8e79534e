import CEADKernels
import EADCore
import EADEngine
import EADSampling

/// A group being generated: its prompt's keys and values and the responses finished so far.
final class ActiveGroup {
    let request: GenerationRequest
    let prompt: PageTable
    /// The place of the prompt's last position after the final norm.
    let row: Int
    private let rows: PromptRows
    var started = 0
    var remaining: Int
    var finished: [GeneratedSample?]

    init(_ request: GenerationRequest, prompt: PageTable, rows: PromptRows) {
        self.request = request
        self.prompt = prompt
        self.row = rows.take()
        self.rows = rows
        self.remaining = request.samples.count
        self.finished = Array(repeating: nil, count: request.samples.count)
    }

    deinit { self.rows.giveBack(self.row) }
}

/// A response being drawn.
final class ActiveSample {
    let group: ActiveGroup
    let index: Int
    let specification: SampleSpecification
    let pages: PageTable
    private var detector: StopDetector
    private(set) var record = GeneratedSample(trace: TokenTrace(), finish: .length)

    init(_ group: ActiveGroup, index: Int) throws(EngineError) {
        let request = group.request
        let prompt = request.promptTokens.count
        self.group = group
        self.index = index
        self.specification = request.samples[index]
        self.pages = try PageTable(continuing: group.prompt, length: prompt)
        self.detector = StopDetector(request.sampling.stopStrings)
    }

    /// The position of the last token drawn, which is the next to be computed.
    var position: Int { self.group.request.promptTokens.count + self.record.trace.count - 1 }

    /// How the next token is to be drawn.
    var draw: ead_draw {
        let sampling = self.group.request.sampling
        let position = self.record.trace.count
        let temperature =
            self.specification.greedy
            ? 0 : sampling.schedule.temperature(at: position, step: self.group.request.step)
        let greedy = temperature == 0
        var draw = ead_draw()
        draw.temperature = temperature
        draw.uniform = greedy ? 0 : self.specification.key.uniform(at: position)
        draw.greedy = greedy ? 1 : 0
        draw.top_k = Int32(clamping: sampling.topK)
        draw.top_p = sampling.topP
        draw.min_p = sampling.minP
        return draw
    }

    /// Records a drawn token; true when it ends the response.
    func append(_ draw: ead_draw, tokenBytes: (TokenID) -> [UInt8]) -> Bool {
        let request = self.group.request
        self.record.trace.append(draw.token, draw.value)
        if request.stopTokens.contains(draw.token) {
            self.record.finish = .stopToken
            return true
        }
        if !request.sampling.stopStrings.isEmpty, self.detector.append(tokenBytes(draw.token)) {
            self.record.finish = .stopString
            return true
        }
        self.record.finish = .length
        return self.record.trace.count == request.sampling.maxTokens
    }
}

extension ead_draw {
    /// What is recorded of the drawn token.
    fileprivate func value(_ column: TokenTrace.Column) -> Float {
        switch column {
        case .temperature: self.temperature
        case .behaviourLogProb: self.behaviour_log_prob
        case .policyLogProb: self.policy_log_prob
        case .policyEntropy: self.entropy
        case .behaviourEntropy: self.behaviour_entropy
        }
    }
}
