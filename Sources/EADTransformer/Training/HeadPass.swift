import CEADKernels
import EADCore
import EADEngine

/// The output projection and log-softmax of response tokens, forward and backward, without logits for other rows and
/// never for more than a few rows at once.
///
/// With G = softmax - onehot kept in the precision of the products and c = dLoss/dLogProb, the gradient of the logits
/// is -c G; the factor is applied to the narrow side of both products: dX = -c (G W), dW = G^T (-c X).
///
/// With an entropy bonus the gradient is -c G + e E, where E = dH/dlogits = -p (log p + H) and e = dLoss/dH; then
/// G becomes c G - e E first, and the factor is -1.
final class HeadPass {
    private let shape: ModelShape
    private let precision: Precision
    private let compute: Compute
    private let logitRows: Int
    private let logits: DeviceBuffer
    private let input: UploadBuffer
    private var hidden: DeviceBuffer
    private var results: DeviceBuffer
    private var gradient: DeviceBuffer
    private var entropyGradient: DeviceBuffer
    private var panels: DeviceBuffer
    private var innerPanels: DeviceBuffer
    private var product: DeviceBuffer
    private var normedGradient: DeviceBuffer

    /// - Parameter logitRows: Rows whose logits are in memory at once; changes no result.
    init(shape: ModelShape, precision: Precision, compute: Compute, logitRows: Int) throws(EngineError) {
        self.shape = shape
        self.precision = precision
        self.compute = compute
        self.logitRows = logitRows
        self.logits = try DeviceBuffer(compute.device, Float.self, count: logitRows * shape.vocabulary)
        self.input = try UploadBuffer(compute)
        let empty = try DeviceBuffer(compute.device, bytes: 0)
        self.hidden = empty
        self.results = empty
        self.gradient = empty
        self.entropyGradient = empty
        self.panels = empty
        self.innerPanels = empty
        self.product = empty
        self.normedGradient = empty
    }

    private var hiddenUnits: Int { self.precision.units(self.shape.hidden) }
    private var vocabularyUnits: Int { self.precision.units(self.shape.vocabulary) }

    /// Vocabulary columns of G packed at once; a multiple of the tiles' width.
    private var columnBlock: Int { min(6144, (self.shape.vocabulary + 15) / 16 * 16) }

    private func grow(_ buffer: inout DeviceBuffer, words: Int) throws(EngineError) {
        if buffer.bytes < words * 4 { buffer = try DeviceBuffer(self.compute.device, UInt32.self, count: words) }
    }

    /// What a pass computes of each target besides its log-probability.
    struct Parts: OptionSet {
        let rawValue: Int
        /// Keeps what `propagate` needs.
        static let gradient = Parts(rawValue: 1)
        static let entropies = Parts(rawValue: 2)
    }

    /// Makes room for the log-probabilities of so many targets.
    func reserve(targets: Int, parts: Parts) throws(EngineError) {
        try self.grow(&self.hidden, words: targets * self.hiddenUnits)
        try self.grow(&self.results, words: 2 * targets)
        if parts.contains(.gradient) { try self.grow(&self.gradient, words: targets * self.vocabularyUnits) }
        if parts == [.gradient, .entropies] {
            try self.grow(&self.entropyGradient, words: targets * self.vocabularyUnits)
        }
    }

    /// Makes room for the backward pass from so many targets to so many rows.
    func reserveBackward(targets: Int, rows: Int) throws(EngineError) {
        let tokenUnits = self.precision.units(targets)
        try self.grow(&self.panels, words: self.columnBlock * tokenUnits)
        try self.grow(&self.innerPanels, words: (self.shape.hidden + 15) / 16 * 16 * tokenUnits)
        try self.grow(&self.product, words: targets * self.shape.hidden)
        try self.grow(&self.normedGradient, words: rows * self.shape.hidden)
    }

    /// Log-probabilities of the targets, and their entropies or none; `normed`: units rows of the whole batch.
    func logProbs(
        _ batch: MicroBatch, normed: DevicePointer<UInt32>, weights: WeightPanels, parts: Parts
    ) throws(EngineError) -> (logProbs: [Float], entropies: [Float]) {
        let count = batch.targets.count
        let keepsGradient = parts.contains(.gradient)
        let hasEntropies = parts.contains(.entropies)
        try self.reserve(targets: count, parts: parts)
        try self.input.begin(bytes: 2 * UploadBuffer.bytes(UInt32.self, count: count))
        let predictors = self.input.add(batch.predictors)
        let targets = self.input.add(batch.targets)
        self.input.upload()
        self.compute.copyRows(
            normed, index: predictors, to: self.hidden.units, rows: count, columns: self.hiddenUnits)
        let logProbs = self.results.floats
        let entropies = self.results.floats + count
        for begin in stride(from: 0, to: count, by: self.logitRows) {
            let rows = min(self.logitRows, count - begin)
            weights.head.matrix.multiply(
                self.compute, self.hidden.units + begin * self.hiddenUnits, rows: rows, into: self.logits.floats)
            let first = begin * self.vocabularyUnits
            ead_cross_entropy(
                self.compute.pointer,
                ead_cross_entropy_args(
                    logits: self.logits.floats.address, logits_stride: self.shape.vocabulary,
                    targets: (targets + begin).address, log_probs: (logProbs + begin).address,
                    gradient: keepsGradient ? (self.gradient.units + first).address : 0,
                    gradient_stride: self.vocabularyUnits,
                    entropies: hasEntropies ? (entropies + begin).address : 0,
                    entropy_gradient: keepsGradient && hasEntropies ? (self.entropyGradient.units + first).address : 0,
                    rows: rows, columns: self.shape.vocabulary, bf16: self.precision.isBF16))
        }
        var found = (
            logProbs: [Float](repeating: 0, count: count),
            entropies: [Float](repeating: 0, count: hasEntropies ? count : 0)
        )
        self.compute.download(logProbs, into: &found.logProbs)
        self.compute.download(entropies, into: &found.entropies)
        return found
    }

    /// Adds the head's weight gradient and returns the gradient of the final norm's output, f32 `[rows][hidden]`.
    ///
    /// `coefficients` are dLoss/dLogProb and `entropyCoefficients` dLoss/dH of each target, the latter empty for none.
    func propagate(
        _ batch: MicroBatch, coefficients: [Float], entropyCoefficients: [Float], normed: DevicePointer<UInt32>,
        transposed: TransposedPanels, gradients: DevicePointer<Float>
    ) throws(EngineError) -> DevicePointer<Float> {
        let count = batch.targets.count
        let rows = batch.tokens.count
        let hidden = self.shape.hidden
        let tokenUnits = self.precision.units(count)
        let block = self.columnBlock
        try self.reserveBackward(targets: count, rows: rows)
        try self.input.begin(bytes: 4 * UploadBuffer.bytes(Float.self, count: count))
        let predictors = self.input.add(batch.predictors)
        let scales = self.input.add(
            entropyCoefficients.isEmpty ? coefficients.map { -$0 } : coefficients.map { _ in -1 })
        let factors = self.input.add(entropyCoefficients.isEmpty ? [] : coefficients)
        let entropyFactors = self.input.add(entropyCoefficients.map { -$0 })
        self.input.upload()
        if !entropyCoefficients.isEmpty { self.mixEntropies(factors, entropyFactors, rows: count) }
        transposed.head.matrix.multiply(
            self.compute, self.gradient.units, rows: count, into: self.product.floats)
        self.compute.zero(self.normedGradient.floats, count: rows * hidden)
        ead_scatter(
            self.compute.pointer,
            ead_scatter_args(
                out: self.normedGradient.floats.address, target: predictors.address, scale: scales.address,
                x: self.product.floats.address, rows: count, columns: hidden))
        ead_gather(
            self.compute.pointer,
            ead_gather_args(
                x: normed.address, source: predictors.address, scale: scales.address,
                out: self.hidden.units.address, stride: self.hiddenUnits, rows: count, columns: hidden,
                bf16: self.precision.isBF16))
        self.pack(self.hidden.units, stride: self.hiddenUnits, columns: hidden, rows: count, into: self.innerPanels)
        for begin in stride(from: 0, to: self.shape.vocabulary, by: block) {
            let columns = min(block, self.shape.vocabulary - begin)
            self.pack(
                self.gradient.units + self.precision.units(begin), stride: self.vocabularyUnits, columns: columns,
                rows: count, into: self.panels)
            ead_gemm(
                self.compute.pointer,
                ead_gemm_args(
                    a: self.panels.units.address, a_stride: 0, a_panels: 1, panels: self.innerPanels.units.address,
                    c: (gradients + transposed.head.place.offset + begin * hidden).address, c_stride: hidden,
                    rows: columns,
                    columns: hidden, units: tokenUnits, mode: EAD_CONTINUE, bf16: self.precision.isBF16))
        }
        return self.normedGradient.floats
    }

    /// Brings the entropy's gradient into `gradient`.
    private func mixEntropies(_ factors: DevicePointer<Float>, _ entropyFactors: DevicePointer<Float>, rows: Int) {
        ead_mix(
            self.compute.pointer,
            ead_mix_args(
                x: self.gradient.units.address, y: self.entropyGradient.units.address, a: factors.address,
                b: entropyFactors.address, stride: self.vocabularyUnits, rows: rows, columns: self.shape.vocabulary,
                bf16: self.precision.isBF16))
    }

    private func pack(
        _ x: DevicePointer<UInt32>, stride: Int, columns: Int, rows: Int, into panels: DeviceBuffer
    ) {
        ead_pack_tokens(
            self.compute.pointer,
            ead_pack_tokens_args(
                x: x.address, x_stride: stride, panels: panels.units.address, rows: rows, columns: columns,
                bf16: self.precision.isBF16))
    }
}
