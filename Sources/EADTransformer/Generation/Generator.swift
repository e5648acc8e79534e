import CEADKernels
package import EADCore
package import EADEngine
import EADSampling

/// Samples responses with continuous batching: every `step` draws one token for each active sample, and a slot that
/// becomes free is refilled at once.
///
/// The prompt of a group is computed once and its keys and values are shared by its samples. Groups keep the weights they
/// began with as long as those are resident, and go on with others from a token on when they are given up; resident ones are
/// decoded with one after the other. A sample depends on its prompt, its key, and the weights in force at each of its tokens
/// only, not on what else is generated. To be used by one thread at a time.
package final class Generator {
    package let shape: ModelShape
    package let configuration: ComputeConfiguration
    package let lanes: Int
    /// Advances with every layer computed; readable from any thread.
    package let progress = EngineProgress()
    package private(set) var tokensGenerated: UInt64 = 0
    package private(set) var promptTokensProcessed: UInt64 = 0

    /// Prompt rows computed in one pass; bounds memory, changes no result.
    var prefillRows = 512
    private let compute: Compute
    private let forward: ForwardPass
    let pages: KeyValuePages
    private let tokenBytes: (TokenID) -> [UInt8]
    /// What tokens are drawn from, after the final norm: a row for each active sample, and one for each prompt.
    private let hidden: DeviceBuffer
    private let promptHidden: DeviceBuffer
    private let promptRows: PromptRows
    private let logits: DeviceBuffer
    private let draws: DeviceBuffer
    private let input: UploadBuffer
    /// The newest last.
    private var resident: [PolicyWeights] = []
    private var scheduler: GenerationScheduler
    /// By the scheduler's numbers: prompts that samples may still start from, and the sequences of active samples.
    private var prompts: [UInt64: ComputedPrompt] = [:]
    private var sequences: [UInt64: PageTable] = [:]

    /// - Parameters:
    ///   - lanes: The most samples drawn together.
    ///   - tokenBytes: The bytes a token stands for, to find stop strings.
    /// - Throws: `EngineError` for a shape the kernels cannot run, a bad EAD_CPU_VARIANT, or when the system refuses
    ///   threads or memory.
    package convenience init(
        shape: ModelShape, configuration: ComputeConfiguration, lanes: Int,
        tokenBytes: @escaping (TokenID) -> [UInt8]
    ) throws(EngineError) {
        try self.init(
            shape: shape, configuration: configuration, lanes: lanes, device: Device(), tokenBytes: tokenBytes)
    }

    init(
        shape: ModelShape, configuration: ComputeConfiguration, lanes: Int, device: Device,
        tokenBytes: @escaping (TokenID) -> [UInt8]
    ) throws(EngineError) {
        precondition(lanes >= 1, "a generator has at least one lane")
        self.shape = shape
        self.configuration = configuration
        self.lanes = lanes
        self.scheduler = GenerationScheduler(lanes: lanes)
        self.tokenBytes = tokenBytes
        self.compute = try Compute(device, threads: configuration.threads)
        self.forward = try ForwardPass(
            shape: shape, precision: configuration.precision, compute: self.compute,
            rotary: try RotaryTable(shape, self.compute), progress: self.progress)
        self.pages = KeyValuePages(shape: shape, precision: configuration.precision, compute: self.compute)
        let rowUnits = configuration.precision.units(shape.hidden)
        self.hidden = try DeviceBuffer(device, UInt32.self, count: lanes * rowUnits)
        self.promptHidden = try DeviceBuffer(device, UInt32.self, count: lanes * rowUnits)
        self.promptRows = PromptRows(count: lanes)
        self.logits = try DeviceBuffer(
            device, Float.self, count: min(lanes, configuration.logitRows) * shape.vocabulary)
        self.draws = try DeviceBuffer(device, ead_draw.self, count: lanes)
        self.input = try UploadBuffer(self.compute)
        try self.compute.reserve(Int(ead_sample_scratch(shape.vocabulary)))
    }

    /// Makes all room that passes of the largest size will need, without writing to it.
    func reserve() throws(EngineError) {
        try self.forward.reserve(rows: max(self.prefillRows, self.lanes), positions: self.shape.contextLength)
    }

    /// Whether nothing is queued or being generated.
    package var isIdle: Bool { self.scheduler.isIdle }

    /// Makes weights resident in the place of all others but `kept`; what is under way with others goes on with these.
    package func install(_ weights: PolicyWeights, keeping kept: Set<PolicyVersion> = []) {
        precondition(
            weights.shape == self.shape && weights.precision == self.configuration.precision
                && weights.device.isReadable(by: self.compute.device),
            "the weights are of this generator's model, packed for its kernels")
        self.giveUp(allBut: kept)
        precondition(!self.resident.contains { $0.version == weights.version }, "a version has one set of weights")
        self.resident.append(weights)
        self.scheduler.goOn(with: weights.version, keeping: kept)
        precondition(
            self.scheduler.versions.isSubset(of: self.resident.map(\.version)), "what is drawn next has weights")
    }

    /// Gives up weights. Others are to be installed before the next token, if something under way is drawn with them.
    func giveUp(allBut kept: Set<PolicyVersion>) {
        self.resident.removeAll { !kept.contains($0.version) }
    }

    /// Queues a group, to be sampled with the weights installed last.
    ///
    /// - Throws: as with a version.
    package func submit(_ request: GenerationRequest) throws(EngineError) {
        guard let newest = self.resident.last else { preconditionFailure("weights are installed first") }
        try self.submit(request, with: newest.version)
    }

    /// Queues a group, to be sampled with resident weights.
    ///
    /// - Throws: `EngineError` for an empty prompt, a token outside the vocabulary, no token asked for, or a prompt that
    ///   leaves no room for `maxTokens`.
    package func submit(_ request: GenerationRequest, with version: PolicyVersion) throws(EngineError) {
        let named = request.samples.flatMap { $0.runs.runs.map(\.version) } + [version]
        precondition(
            named.allSatisfy { version in self.resident.contains { $0.version == version } },
            "weights are installed first")
        precondition(!request.samples.isEmpty, "a request has samples")
        let place = "\(request.id)"
        try self.shape.check(request.promptTokens, place: place)
        guard request.sampling.maxTokens >= 1 else {
            throw .unusableSampling("\(place) asks for \(request.sampling.maxTokens) tokens; at least 1 is needed")
        }
        let length = request.promptTokens.count.addingReportingOverflow(request.sampling.maxTokens)
        guard !length.overflow, length.partialValue <= self.shape.contextLength else {
            throw .contextOverflow(
                tokens: length.overflow ? Int.max : length.partialValue, context: self.shape.contextLength,
                place: place)
        }
        self.scheduler.submit(request, with: version)
    }

    /// The tokens that the first active sample of a group has so far; none for a group that is not being generated.
    package func tokens(of id: GroupID) -> [TokenID] {
        self.scheduler.active.first { $0.group == id }?.trace.tokens ?? []
    }

    /// Drops a group, wherever it is; unknown ids are ignored.
    package func cancel(_ id: GroupID) {
        self.release(self.scheduler.cancel(id))
    }

    /// Draws one token for every active sample, after filling free lanes.
    ///
    /// - Returns: The groups that became complete.
    /// - Throws: `EngineError.nonFinite` when logits are NaN or infinite; the generator is then to be discarded or
    ///   emptied by `cancel`.
    package func step() throws(EngineError) -> [GeneratedGroup] {
        guard !self.isIdle else { return [] }
        try self.fill()
        for cohort in self.scheduler.arrange() {
            let weights = self.weights(cohort.version)
            try self.decode(self.scheduler.active[cohort.continuing], weights)
            try self.recall(self.scheduler.active[cohort.fresh])
            try self.draw(self.scheduler.active[cohort.rows], weights)
        }
        let draws = try self.drawn()
        self.tokensGenerated += UInt64(draws.count)
        let (complete, released) = self.scheduler.record(tokenBytes: self.tokenBytes) {
            $1.append(draws[$0].token, draws[$0].value)
        }
        self.release(released)
        return complete
    }

    private func release(_ released: GenerationScheduler.Released) {
        for number in released.samples { self.sequences[number] = nil }
        for number in released.prompts { self.prompts[number] = nil }
    }

    private func weights(_ version: PolicyVersion) -> PolicyWeights {
        guard let weights = self.resident.first(where: { $0.version == version }) else {
            preconditionFailure("weights are kept until what is drawn with them has ended, or goes on with others")
        }
        return weights
    }

    private func prompt(_ number: UInt64) -> ComputedPrompt {
        guard let prompt = self.prompts[number] else {
            preconditionFailure("a prompt is computed before its samples start, and kept until they have ended")
        }
        return prompt
    }

    private func sequence(_ sample: ScheduledSample) -> PageTable {
        guard let sequence = self.sequences[sample.number] else {
            preconditionFailure("a sample has a sequence until it ends")
        }
        return sequence
    }

    /// Copies the prompts' last positions to the rows of samples without a token.
    private func recall(_ samples: ArraySlice<ScheduledSample>) throws(EngineError) {
        guard !samples.isEmpty else { return }
        let units = self.forward.hiddenUnits
        try self.input.begin(bytes: UploadBuffer.bytes(Int32.self, count: samples.count))
        let index = self.input.add(samples.map { Int32(self.prompt($0.prompt).row) })
        self.input.upload()
        self.compute.copyRows(
            self.promptHidden.units, index: index, to: self.hidden.units + samples.startIndex * units,
            rows: samples.count,
            columns: units)
    }

    /// Starts samples until the lanes or the queue are exhausted, computing prompts as needed.
    private func fill() throws(EngineError) {
        while true {
            for sample in self.scheduler.start() {
                self.sequences[sample.number] = try PageTable(
                    continuing: self.prompt(sample.prompt).pages, length: sample.request.promptTokens.count)
            }
            let admitted = self.scheduler.admit(rows: self.prefillRows)
            guard !admitted.isEmpty else { return }
            for version in Set(admitted.map(\.version)).sorted() {
                try self.prefill(admitted.filter { $0.version == version }, self.weights(version))
            }
        }
    }

    private func prefill(_ admitted: [GenerationScheduler.Prompt], _ weights: PolicyWeights) throws(EngineError) {
        for prompt in admitted {
            let table = PageTable(self.pages)
            try table.extend(to: prompt.tokens.count)
            self.prompts[prompt.number] = ComputedPrompt(table, rows: self.promptRows)
        }
        let lengths = admitted.map(\.tokens.count)
        for pass in PromptChunk.passes(promptLengths: lengths, rows: self.prefillRows) {
            let stream = try self.run(
                pass.flatMap { admitted[$0.prompt].tokens[$0.range] },
                pass.map { chunk in
                    ForwardPass.Segment(
                        row: chunk.row, rows: chunk.range.count, position: chunk.range.lowerBound,
                        pages: self.prompt(admitted[chunk.prompt].number).pages)
                },
                positions: lengths.max() ?? 0, weights)
            for chunk in pass where chunk.range.upperBound == lengths[chunk.prompt] {
                let row = self.prompt(admitted[chunk.prompt].number).row
                self.forward.normalise(
                    stream + (chunk.row + chunk.range.count - 1) * self.shape.hidden, weights.panels.finalNorm.values,
                    into: self.promptHidden.units + row * self.forward.hiddenUnits, rows: 1)
            }
            self.promptTokensProcessed += UInt64(pass.reduce(0) { $0 + $1.range.count })
        }
    }

    /// Feeds the last token of each sample and leaves the normed result in the samples' rows of `hidden`.
    private func decode(_ samples: ArraySlice<ScheduledSample>, _ weights: PolicyWeights) throws(EngineError) {
        guard !samples.isEmpty else { return }
        var tokens: [TokenID] = []
        var segments: [ForwardPass.Segment] = []
        var positions = 0
        for sample in samples {
            let position = sample.position
            let sequence = self.sequence(sample)
            try sequence.extend(to: position + 1)
            segments.append(ForwardPass.Segment(row: tokens.count, rows: 1, position: position, pages: sequence))
            tokens.append(sample.trace.tokens[sample.trace.count - 1])
            positions = max(positions, position + 1)
        }
        let stream = try self.run(tokens, segments, positions: positions, weights)
        self.forward.normalise(
            stream, weights.panels.finalNorm.values,
            into: self.hidden.units + samples.startIndex * self.forward.hiddenUnits, rows: samples.count)
    }

    private func run(
        _ tokens: [TokenID], _ segments: [ForwardPass.Segment], positions: Int, _ weights: PolicyWeights
    ) throws(EngineError) -> DevicePointer<Float> {
        try self.forward.run(
            tokens: tokens, segments: segments, positions: positions, weights: weights.panels, pages: self.pages)
    }

    /// Logits and draws of samples whose rows of `hidden` are computed.
    private func draw(_ samples: ArraySlice<ScheduledSample>, _ weights: PolicyWeights) throws(EngineError) {
        let drawn = self.draws.pointer(to: ead_draw.self)
        self.compute.upload(samples.map(ead_draw.init), to: drawn + samples.startIndex)
        for begin in stride(from: samples.startIndex, to: samples.endIndex, by: self.configuration.logitRows) {
            let rows = min(self.configuration.logitRows, samples.endIndex - begin)
            weights.panels.head.matrix.multiply(
                self.compute, self.hidden.units + begin * self.forward.hiddenUnits, rows: rows,
                into: self.logits.floats)
            ead_sample(
                self.compute.pointer,
                ead_sample_args(
                    logits: self.logits.floats.address, logits_stride: self.shape.vocabulary,
                    draws: (drawn + begin).address, rows: rows, columns: self.shape.vocabulary))
            self.progress.advance()
        }
    }

    /// The draws of all active samples, in their order.
    private func drawn() throws(EngineError) -> [ead_draw] {
        var draws = self.scheduler.active.map(ead_draw.init)
        self.compute.download(self.draws.pointer(to: ead_draw.self), into: &draws)
        for (sample, draw) in zip(self.scheduler.active, draws) where draw.finite == 0 {
            let tokens = sample.request.promptTokens + sample.trace.tokens
            let weights = self.weights(sample.version)
            let fault = try self.forward.firstFault(in: tokens, weights: weights.panels)
            throw .nonFinite(
                what: "logits",
                place:
                    "first in the output of \(weights.panels.layout.name(of: fault)), policy version \(weights.version), "
                    + "\(sample.group), sample \(sample.index), response position \(sample.trace.count)")
        }
        return draws
    }
}

extension ead_draw {
    /// How the next token of a sample is to be drawn.
    fileprivate init(_ sample: ScheduledSample) {
        let sampling = sample.request.sampling
        let temperature = sample.temperature
        let greedy = temperature == 0
        self.init()
        self.temperature = temperature
        self.uniform = greedy ? 0 : sample.uniform
        self.greedy = greedy ? 1 : 0
        self.top_k = Int32(clamping: sampling.topK)
        self.top_p = sampling.topP
        self.min_p = sampling.minP
    }

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

extension ModelShape {
    /// Checks that a prompt is not empty and its tokens are in the vocabulary.
    func check(_ prompt: [TokenID], place: String) throws(EngineError) {
        guard !prompt.isEmpty else { throw .emptyPrompt(place: place) }
        try self.checkRange(prompt, place: place)
    }

    func checkRange(_ tokens: [TokenID], place: String) throws(EngineError) {
        for token in tokens where Int(token) >= self.vocabulary {
            throw .tokenOutOfRange(token: token, vocabulary: self.vocabulary, place: place)
        }
    }
}
