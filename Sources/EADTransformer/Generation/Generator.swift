import CEADKernels
package import EADCore
package import EADEngine
import EADSampling

/// Samples responses with continuous batching: every `step` draws one token for each active sample, and a slot that
/// becomes free is refilled at once.
///
/// The prompt of a group is computed once and its keys and values are shared by its samples. A sample depends on the
/// weights, its prompt and its key only, not on what else is generated. To be used by one thread at a time.
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
    private var weights: PolicyWeights?
    private var queue: [GenerationRequest] = []
    /// Groups whose prompt is computed and whose samples have not all started.
    private var waiting: [ActiveGroup] = []
    private var active: [ActiveSample] = []

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
    package var isIdle: Bool { self.queue.isEmpty && self.waiting.isEmpty && self.active.isEmpty }

    /// Takes the weights for everything submitted from now on; only while idle, so that a group has one version.
    package func install(_ weights: PolicyWeights) {
        precondition(self.isIdle, "weights change between groups")
        precondition(
            weights.shape == self.shape && weights.precision == self.configuration.precision
                && weights.device.isReadable(by: self.compute.device),
            "the weights are of this generator's model, packed for its kernels")
        self.weights = weights
    }

    /// Queues a group.
    ///
    /// - Throws: `EngineError` for an empty prompt, a token outside the vocabulary, no token asked for, or a prompt that
    ///   leaves no room for `maxTokens`.
    package func submit(_ request: GenerationRequest) throws(EngineError) {
        precondition(self.weights != nil, "weights are installed first")
        precondition(!request.samples.isEmpty, "a request has samples")
        let place = "group \(request.id)"
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
        self.queue.append(request)
    }

    /// Drops a group, wherever it is; unknown ids are ignored.
    package func cancel(_ id: GroupID) {
        self.queue.removeAll { $0.id == id }
        self.waiting.removeAll { $0.request.id == id }
        self.active.removeAll { $0.group.request.id == id }
    }

    /// Draws one token for every active sample, after filling free lanes.
    ///
    /// - Returns: The groups that became complete.
    /// - Throws: `EngineError.nonFinite` when logits are NaN or infinite; the generator is then to be discarded or
    ///   emptied by `cancel`.
    package func step() throws(EngineError) -> [GeneratedGroup] {
        guard let weights = self.weights, !self.isIdle else { return [] }
        try self.fill(weights)
        // Samples with a token to feed come first; the others draw their first token from the prompt's last position.
        let continuing = self.active.filter { !$0.record.trace.tokens.isEmpty }
        let fresh = self.active.filter { $0.record.trace.tokens.isEmpty }
        self.active = continuing + fresh
        try self.decode(continuing, weights)
        try self.recall(fresh, after: continuing.count)
        let draws = try self.drawAll(weights)
        return self.record(draws, version: weights.version)
    }

    /// Copies the prompts' last positions to the rows of samples without a token.
    private func recall(_ samples: [ActiveSample], after rows: Int) throws(EngineError) {
        guard !samples.isEmpty else { return }
        let units = self.forward.hiddenUnits
        try self.input.begin(bytes: UploadBuffer.bytes(Int32.self, count: samples.count))
        let index = self.input.add(samples.map { Int32($0.group.row) })
        self.input.upload()
        self.compute.copyRows(
            self.promptHidden.units, index: index, to: self.hidden.units + rows * units, rows: samples.count,
            columns: units)
    }

    /// Starts samples until the lanes or the queue are exhausted, computing prompts as needed.
    private func fill(_ weights: PolicyWeights) throws(EngineError) {
        while self.active.count < self.lanes {
            guard let group = self.waiting.first else {
                guard !self.queue.isEmpty else { return }
                try self.prefill(weights)
                continue
            }
            self.active.append(try ActiveSample(group, index: group.started))
            group.started += 1
            if group.started == group.request.samples.count { self.waiting.removeFirst() }
        }
    }

    /// Computes the prompts of the next groups: as many as the free lanes need and one pass holds, at least one.
    private func prefill(_ weights: PolicyWeights) throws(EngineError) {
        var groups: [ActiveGroup] = []
        var samples = 0
        var rows = 0
        while let request = self.queue.first, samples < self.lanes - self.active.count,
            groups.isEmpty || rows + request.promptTokens.count <= self.prefillRows
        {
            let table = PageTable(self.pages)
            try table.extend(to: request.promptTokens.count)
            groups.append(ActiveGroup(request, prompt: table, rows: self.promptRows))
            samples += request.samples.count
            rows += request.promptTokens.count
            self.queue.removeFirst()
        }
        var begin = Array(repeating: 0, count: groups.count)
        while zip(begin, groups).contains(where: { $0 < $1.request.promptTokens.count }) {
            var tokens: [TokenID] = []
            var segments: [ForwardPass.Segment] = []
            var ends: [(group: Int, row: Int)] = []
            for (index, group) in groups.enumerated() {
                let prompt = group.request.promptTokens
                let count = min(prompt.count - begin[index], self.prefillRows - tokens.count)
                guard count > 0 else { continue }
                segments.append(
                    ForwardPass.Segment(
                        row: tokens.count, rows: count, position: begin[index], pages: group.prompt))
                tokens += prompt[begin[index]..<begin[index] + count]
                begin[index] += count
                if begin[index] == prompt.count { ends.append((index, tokens.count - 1)) }
            }
            let positions = groups.map(\.request.promptTokens.count).max() ?? 0
            let stream = try self.run(tokens, segments, positions: positions, weights)
            for end in ends {
                self.forward.normalise(
                    stream + end.row * self.shape.hidden, weights.panels.finalNorm,
                    into: self.promptHidden.units + groups[end.group].row * self.forward.hiddenUnits, rows: 1)
            }
            self.promptTokensProcessed += UInt64(tokens.count)
        }
        self.waiting += groups
    }

    /// Feeds the last token of each sample and leaves the normed result in the first rows of `hidden`.
    private func decode(_ samples: [ActiveSample], _ weights: PolicyWeights) throws(EngineError) {
        guard !samples.isEmpty else { return }
        var tokens: [TokenID] = []
        var segments: [ForwardPass.Segment] = []
        var positions = 0
        for sample in samples {
            let position = sample.position
            try sample.pages.extend(to: position + 1)
            segments.append(
                ForwardPass.Segment(row: tokens.count, rows: 1, position: position, pages: sample.pages))
            tokens.append(sample.record.trace.tokens[sample.record.trace.count - 1])
            positions = max(positions, position + 1)
        }
        let stream = try self.run(tokens, segments, positions: positions, weights)
        self.forward.normalise(stream, weights.panels.finalNorm, into: self.hidden.units, rows: samples.count)
    }

    private func run(
        _ tokens: [TokenID], _ segments: [ForwardPass.Segment], positions: Int, _ weights: PolicyWeights
    ) throws(EngineError) -> DevicePointer<Float> {
        try self.forward.run(
            tokens: tokens, segments: segments, positions: positions, weights: weights.panels, pages: self.pages)
    }

    /// Logits and draws of all active samples.
    private func drawAll(_ weights: PolicyWeights) throws(EngineError) -> [ead_draw] {
        var draws = self.active.map(\.draw)
        let drawn = self.draws.pointer(to: ead_draw.self)
        self.compute.upload(draws, to: drawn)
        for begin in stride(from: 0, to: draws.count, by: self.configuration.logitRows) {
            let rows = min(self.configuration.logitRows, draws.count - begin)
            weights.panels.head.multiply(
                self.compute, self.hidden.units + begin * self.forward.hiddenUnits, rows: rows,
                into: self.logits.floats)
            ead_sample(
                self.compute.pointer,
                ead_sample_args(
                    logits: self.logits.floats.address, logits_stride: self.shape.vocabulary,
                    draws: (drawn + begin).address, rows: rows, columns: self.shape.vocabulary))
            self.progress.advance()
        }
        self.compute.download(drawn, into: &draws)
        for (sample, draw) in zip(self.active, draws) where draw.finite == 0 {
            let tokens = sample.group.request.promptTokens + sample.record.trace.tokens
            let fault = try self.forward.firstFault(in: tokens, weights: weights.panels)
            throw .nonFinite(
                what: "logits",
                place: "first in the output of \(fault), policy version \(weights.version), "
                    + "group \(sample.group.request.id), sample \(sample.index), "
                    + "response position \(sample.record.trace.count)")
        }
        return draws
    }

    private func record(_ draws: [ead_draw], version: PolicyVersion) -> [GeneratedGroup] {
        var complete: [GeneratedGroup] = []
        var still: [ActiveSample] = []
        for (sample, draw) in zip(self.active, draws) {
            self.tokensGenerated += 1
            guard sample.append(draw, tokenBytes: self.tokenBytes) else {
                still.append(sample)
                continue
            }
            let group = sample.group
            group.finished[sample.index] = sample.record
            group.remaining -= 1
            if group.remaining == 0 {
                complete.append(
                    GeneratedGroup(
                        id: group.request.id, version: version, samples: group.finished.compactMap { $0 }))
            }
        }
        self.active = still
        return complete
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
