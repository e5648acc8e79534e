import CEADKernels
package import EADCore
package import EADEngine
package import EADModels

/// Trains the master weights: log-probabilities of responses, their gradients, AdamW.
///
/// The log-probabilities equal those recorded by `Generator` under the same weights, bit for bit; gradients have the
/// same bits for any number of threads. Holds four f32 arrays of the model's size (weights, gradients, two moments),
/// the weights packed, and parts of them packed a second time. To be used by one thread at a time.
package final class Trainer {
    package let shape: ModelShape
    package let layout: ParameterLayout
    package let configuration: ComputeConfiguration
    /// Advances with every layer computed, forward or backward; readable from any thread.
    package let progress = EngineProgress()
    /// Updates done since the moments were zero.
    package internal(set) var updates = 0

    let compute: Compute
    let forward: ForwardPass
    let weights: WeightPanels
    let transposed: TransposedPanels
    let head: HeadPass
    let master: DeviceBuffer
    let gradient: DeviceBuffer
    let mean: DeviceBuffer
    let square: DeviceBuffer
    /// Of the gradients' blocks.
    let squareSums: DeviceBuffer
    let pages: KeyValuePages
    /// A policy kept beside the one that is trained.
    var reference: PolicyWeights?
    private var store: ActivationStore?
    private var backward: BackwardPass?
    private var normed: DeviceBuffer
    private let backwardInput: UploadBuffer
    private var normedRows = 0
    private var gradientsAreZero = true

    /// - Parameter parameters: `ParameterLayout(shape)` order; copied.
    /// - Throws: `EngineError` for another size, NaN or infinity (naming the tensor), a shape the kernels cannot run, a
    ///   bad EAD_CPU_VARIANT, or when the system refuses threads or memory.
    package convenience init(
        shape: ModelShape, configuration: ComputeConfiguration, parameters: UnsafeBufferPointer<Float>
    ) throws(EngineError) {
        try self.init(shape: shape, configuration: configuration, device: Device(), parameters: parameters)
    }

    convenience init(
        shape: ModelShape, configuration: ComputeConfiguration, device: Device,
        parameters: UnsafeBufferPointer<Float>
    ) throws(EngineError) {
        try self.init(zeroed: shape, configuration, device)
        try self.check(parameters, what: "parameters")
        self.compute.upload(parameters, to: self.master.floats)
        self.pack()
    }

    /// A trainer whose weights are all zero.
    init(
        zeroed shape: ModelShape, _ configuration: ComputeConfiguration, _ device: Device
    ) throws(EngineError) {
        try shape.checkSupported()
        let layout = ParameterLayout(shape)
        let compute = try Compute(device, threads: configuration.threads)
        self.shape = shape
        self.layout = layout
        self.configuration = configuration
        self.compute = compute
        self.forward = try ForwardPass(
            shape: shape, precision: configuration.precision, compute: compute, rotary: try RotaryTable(shape, compute),
            progress: self.progress)
        self.weights = try WeightPanels(shape: shape, precision: configuration.precision, device)
        self.transposed = try TransposedPanels(self.weights, device)
        self.head = try HeadPass(
            shape: shape, precision: configuration.precision, compute: compute, logitRows: configuration.logitRows)
        self.master = try DeviceBuffer(device, Float.self, count: layout.count)
        self.gradient = try DeviceBuffer(device, Float.self, count: layout.count)
        self.mean = try DeviceBuffer(device, Float.self, count: layout.count)
        self.square = try DeviceBuffer(device, Float.self, count: layout.count)
        self.squareSums = try DeviceBuffer(
            device, Double.self, count: (layout.count + EAD_SQUARES_BLOCK - 1) / EAD_SQUARES_BLOCK)
        self.normed = try DeviceBuffer(device, bytes: 0)
        self.backwardInput = try UploadBuffer(compute)
        self.pages = KeyValuePages(shape: shape, precision: configuration.precision, compute: compute)
    }

    /// Makes room for micro-batches of so many rows.
    func reserve(rows: Int) throws(EngineError) {
        if self.store.map({ $0.rows < rows }) ?? true {
            // Given back before the larger ones are made.
            self.store = nil
            self.backward = nil
            self.store = try ActivationStore(
                shape: self.shape, precision: self.configuration.precision, rows: rows, self.compute.device)
            self.backward = try BackwardPass(self.forward, rows: rows)
        }
    }

    func reserveNormed(rows: Int) throws(EngineError) {
        guard rows > self.normedRows else { return }
        self.normed = try DeviceBuffer(self.compute.device, UInt32.self, count: rows * self.forward.hiddenUnits)
        self.normedRows = rows
    }

    package func zeroGradients() {
        if !self.gradientsAreZero { self.compute.zero(self.gradient.floats, count: self.layout.count) }
        self.gradientsAreZero = true
    }

    /// log pi of every response token at tau = 1.
    ///
    /// - Parameter other: Weights to use instead of those being trained, of the same shape and precision.
    /// - Throws: `EngineError` for unusable groups and for log-probabilities that are not finite.
    package func logProbs(
        _ tokens: TokenBatch, under other: PolicyWeights? = nil
    ) throws(EngineError) -> [Float] {
        guard !tokens.groups.isEmpty else { return [] }
        if let other {
            precondition(
                other.shape == self.shape && other.precision == self.configuration.precision
                    && other.device.isReadable(by: self.compute.device),
                "the other weights are of the same kind")
        }
        let weights = other?.panels ?? self.weights
        let batch = try MicroBatch(tokens, shape: self.shape)
        _ = try self.run(batch, weights: weights, states: nil)
        return try self.evaluate(batch, weights: weights, parts: []).logProbs
    }

    /// One micro-batch forward and backward; gradients are added to those so far.
    ///
    /// - Parameters:
    ///   - tokens: Computed together; see `microBatches`.
    ///   - withEntropies: Whether the loss depends on the entropies at tau = 1, too.
    ///   - coefficients: From log-probabilities and entropies (in nats; none without `withEntropies`) of the response
    ///     tokens to the loss's derivatives.
    /// - Throws: `EngineError` for unusable groups or coefficients and log-probabilities that are not finite, and what
    ///   `coefficients` throws; the gradients are then unchanged.
    package func accumulate(
        _ tokens: TokenBatch, withEntropies: Bool = false,
        coefficients: (_ logProbs: [Float], _ entropies: [Float]) throws -> TokenCoefficients
    ) throws {
        guard !tokens.groups.isEmpty else { return }
        let batch = try MicroBatch(tokens, shape: self.shape)
        try self.reserve(rows: batch.tokens.count)
        guard let store = self.store, let backward = self.backward else { return }
        let tables = try self.run(batch, weights: self.weights, states: store)
        let parts: HeadPass.Parts = withEntropies ? [.gradient, .entropies] : .gradient
        let (logProbs, entropies) = try self.evaluate(batch, weights: self.weights, parts: parts)
        let wanted = try coefficients(logProbs, entropies)
        precondition(wanted.entropies.isEmpty || withEntropies, "a loss of entropies asks for them")
        try wanted.check(count: tokens.count)
        guard !wanted.areZero else { return }
        try self.propagate(batch, tables: tables, coefficients: wanted, store: store, backward: backward)
    }

    /// Prompts, then responses over the prompts' pages; leaves the final norm's output in `normed`.
    private func run(
        _ batch: MicroBatch, weights: WeightPanels, states: ActivationStore?
    ) throws(EngineError) -> [PageTable] {
        try self.reserveNormed(rows: batch.tokens.count)
        var tables: [PageTable] = []
        for prompt in batch.prompts {
            let table = PageTable(self.pages)
            try table.extend(to: prompt.rows)
            tables.append(table)
        }
        try self.run(batch, batch.prompts, tables: tables, weights: weights, states: states)
        for response in batch.responses {
            let prompt = batch.prompts.firstIndex { $0.row == response.prefixRow } ?? 0
            let end = response.position + response.rows
            let table = try PageTable(continuing: tables[prompt], length: response.position)
            try table.extend(to: end)
            tables.append(table)
        }
        try self.run(batch, batch.responses, tables: tables, weights: weights, states: states)
        return tables
    }

    private func run(
        _ batch: MicroBatch, _ part: [MicroBatch.Segment], tables: [PageTable], weights: WeightPanels,
        states: ActivationStore?
    ) throws(EngineError) {
        guard let first = part.first, let last = part.last else { return }
        let rows = first.row..<last.row + last.rows
        let stream = try self.forward.run(
            tokens: Array(batch.tokens[rows]),
            segments: part.map { ForwardPass.Segment($0, tables: tables, firstRow: first.row) },
            positions: batch.positions,
            weights: weights, pages: self.pages, states: states?.states(from: first.row))
        self.forward.normalise(
            stream, weights.finalNorm.values, into: self.normed.units + first.row * self.forward.hiddenUnits,
            rows: rows.count)
    }

    private func evaluate(
        _ batch: MicroBatch, weights: WeightPanels, parts: HeadPass.Parts
    ) throws(EngineError) -> (logProbs: [Float], entropies: [Float]) {
        let found = try self.head.logProbs(batch, normed: self.normed.units, weights: weights, parts: parts)
        guard let bad = found.logProbs.firstIndex(where: { !$0.isFinite }) else { return found }
        for (g, responses) in batch.source.groups.enumerated() {
            for (r, range) in batch.source.responses[responses].enumerated() where range.contains(bad) {
                let prompt = batch.source.promptTokens[batch.source.prompts[g]]
                let tokens = Array(prompt) + batch.source.trace.tokens[range.lowerBound..<bad]
                let fault = try self.forward.firstFault(in: tokens, weights: weights)
                throw .nonFinite(
                    what: "logits",
                    place:
                        "first in the output of \(self.layout.name(of: fault)), group \(g) of the micro-batch, response \(r), "
                        + "token \(bad - range.lowerBound)")
            }
        }
        throw .nonFinite(what: "logits", place: "the micro-batch")
    }

    private func propagate(
        _ batch: MicroBatch, tables: [PageTable], coefficients: TokenCoefficients, store: ActivationStore,
        backward: BackwardPass
    ) throws(EngineError) {
        let rows = batch.tokens.count
        let gradients = self.gradient.floats
        self.gradientsAreZero = false
        try self.compute.reserve(
            Int(ead_attention_scratch(batch.positions, Int32(self.shape.headSize), 1)))
        let normed = try self.head.propagate(
            batch, coefficients: coefficients.logProbs, entropyCoefficients: coefficients.entropies,
            normed: self.normed.units, transposed: self.transposed, gradients: gradients)
        backward.finalNorm(
            store.final, self.weights.finalNorm.values, normed: normed,
            gradient: gradients + self.weights.finalNorm.place.offset, rows: rows)

        let segments = (batch.prompts + batch.responses).map {
            ForwardPass.Segment($0, tables: tables, firstRow: 0)
        }
        var families: [Int32] = [0]
        for family in batch.families { families.append(families[families.count - 1] + Int32(family.count)) }
        let members = batch.families.flatMap { $0.map { Int32($0) } }
        let input = self.backwardInput
        try input.begin(
            bytes: UploadBuffer.bytes(TokenID.self, count: rows) + UploadBuffer.bytes(of: segments)
                + UploadBuffer.bytes(Int32.self, count: families.count)
                + UploadBuffer.bytes(Int32.self, count: members.count))
        let tokens = input.add(batch.tokens)
        let attention = BackwardPass.AttentionBatch(
            segments: input.add(segments), segmentCount: segments.count, families: input.add(families),
            members: input.add(members), familyCount: families.count - 1, pages: self.pages)
        input.upload()
        let states = store.states()
        for layer in (0..<self.shape.layers).reversed() {
            backward.layer(
                layer, rows: rows, state: states[layer], weights: self.weights,
                transposed: self.transposed.layer(layer, self.compute, from: self.master.floats),
                batch: attention, gradients: gradients)
        }
        ead_scatter(
            self.compute.pointer,
            ead_scatter_args(
                out: (gradients + self.weights.embedding.place.offset).address, target: tokens.address,
                scale: 0, x: backward.stream.address, rows: rows, columns: self.shape.hidden))
    }

    /// Writes the published form of the weights: layout order, bf16 (rounded to nearest even) or f32 by precision.
    package func exportPolicy(_ range: Range<Int>, into destination: UnsafeMutableRawBufferPointer) {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.layout.count, "parameters of the layout")
        let bytes = range.count * self.configuration.precision.bytesPerParameter
        precondition(destination.count == bytes, "the buffer holds the published parameters")
        let parameters = self.master.floats + range.lowerBound
        switch self.configuration.precision {
        case .f32: self.compute.download(parameters, into: destination.bindMemory(to: Float.self))
        case .bf16:
            self.compute.download(roundingToBF16: parameters, into: destination.bindMemory(to: UInt16.self))
        }
    }

    /// Takes the state of an earlier trainer, so that training goes on as if it had not stopped. Gradients become zero.
    ///
    /// - Throws: `EngineError` for arrays of another size and for NaN or infinity (naming the tensor); nothing is
    ///   changed then.
    package func restore(
        parameters: UnsafeBufferPointer<Float>, firstMoments: UnsafeBufferPointer<Float>,
        secondMoments: UnsafeBufferPointer<Float>, updates: Int
    ) throws(EngineError) {
        precondition(updates >= 0, "updates are counted from 0")
        try self.check(parameters, what: "parameters")
        try self.check(firstMoments, what: "first moments")
        try self.check(secondMoments, what: "second moments")
        self.compute.upload(parameters, to: self.master.floats)
        self.compute.upload(firstMoments, to: self.mean.floats)
        self.compute.upload(secondMoments, to: self.square.floats)
        self.updates = updates
        self.zeroGradients()
        self.pack()
    }

    private func check(_ values: UnsafeBufferPointer<Float>, what: String) throws(EngineError) {
        guard values.count == self.layout.count else {
            throw .parameterSize(expectedBytes: self.layout.count * 4, actualBytes: values.count * 4)
        }
        try self.compute.withStaged(values) { staged throws(EngineError) in
            try self.layout.checkFinite(
                self.compute, staged.rebound(to: UInt8.self), precision: .f32, place: what)
        }
    }

    func pack() {
        self.weights.pack(self.compute, from: self.master.floats)
        self.transposed.packHead(self.compute, from: self.master.floats)
    }
}
