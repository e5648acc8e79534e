import CEADKernels
import EADCore

/// The output projection and log-softmax of response tokens, forward and backward, without logits for other rows and
/// never for more than a few rows at once.
///
/// With G = softmax - onehot kept in the precision of the products and c = dLoss/dLogProb, the gradient of the logits
/// is -c G; the factor is applied to the narrow side of both products: dX = -c (G W), dW = G^T (-c X).
final class HeadPass {
    /// Rows whose logits are in memory at once.
    private static let logitRows = 64
    /// Vocabulary columns of G packed at once; a multiple of the tiles' width.
    private static let columnBlock = 6144

    private let shape: ModelShape
    private let precision: Precision
    private let compute: Compute
    private let logits: AlignedBuffer
    private var hidden: AlignedBuffer
    private var gradient: AlignedBuffer
    private var panels: AlignedBuffer
    private var innerPanels: AlignedBuffer
    private var product: AlignedBuffer
    private var normedGradient: AlignedBuffer

    init(shape: ModelShape, precision: Precision, compute: Compute) throws(EngineError) {
        self.shape = shape
        self.precision = precision
        self.compute = compute
        self.logits = try AlignedBuffer(Float.self, count: Self.logitRows * shape.vocabulary)
        let empty = try AlignedBuffer(bytes: 64)
        self.hidden = empty
        self.gradient = empty
        self.panels = empty
        self.innerPanels = empty
        self.product = empty
        self.normedGradient = empty
    }

    private var hiddenUnits: Int { self.precision.units(self.shape.hidden) }
    private var vocabularyUnits: Int { self.precision.units(self.shape.vocabulary) }

    private func grow(_ buffer: inout AlignedBuffer, words: Int) throws(EngineError) {
        if buffer.bytes < words * 4 { buffer = try AlignedBuffer(UInt32.self, count: words) }
    }

    /// log-probabilities of the targets; `normed`: units rows of the whole batch.
    func logProbs(
        _ batch: MicroBatch, normed: UnsafePointer<UInt32>, weights: WeightPanels, keepGradient: Bool
    ) throws(EngineError) -> [Float] {
        let count = batch.targets.count
        try self.grow(&self.hidden, words: count * self.hiddenUnits)
        if keepGradient { try self.grow(&self.gradient, words: count * self.vocabularyUnits) }
        for (row, source) in batch.predictors.enumerated() {
            (self.hidden.units + row * self.hiddenUnits).update(
                from: normed + Int(source) * self.hiddenUnits, count: self.hiddenUnits)
        }
        var logProbs = [Float](repeating: 0, count: count)
        batch.targets.withUnsafeBufferPointer { targets in
            logProbs.withUnsafeMutableBufferPointer { logProbs in
                guard let target = targets.baseAddress, let logProb = logProbs.baseAddress else { return }
                for begin in stride(from: 0, to: count, by: Self.logitRows) {
                    let rows = min(Self.logitRows, count - begin)
                    weights.head.multiply(
                        self.compute, self.hidden.units + begin * self.hiddenUnits, rows: rows,
                        into: self.logits.floats)
                    ead_cross_entropy(
                        self.compute.pointer,
                        ead_cross_entropy_args(
                            logits: self.logits.floats, logits_stride: self.shape.vocabulary, targets: target + begin,
                            log_probs: logProb + begin,
                            gradient: keepGradient ? self.gradient.units + begin * self.vocabularyUnits : nil,
                            gradient_stride: self.vocabularyUnits, rows: rows, columns: self.shape.vocabulary,
                            bf16: self.precision.isBF16))
                }
            }
        }
        return logProbs
    }

    /// Adds the head's weight gradient and returns the gradient of the final norm's output, f32 `[rows][hidden]`.
    func propagate(
        _ batch: MicroBatch, coefficients: [Float], normed: UnsafePointer<UInt32>, transposed: TransposedPanels,
        gradients: UnsafeMutablePointer<Float>
    ) throws(EngineError) -> AlignedBuffer {
        let count = batch.targets.count
        let rows = batch.tokens.count
        let hidden = self.shape.hidden
        let tokenUnits = self.precision.units(count)
        let block = min(Self.columnBlock, (self.shape.vocabulary + 15) / 16 * 16)
        try self.grow(&self.panels, words: block * tokenUnits)
        try self.grow(&self.innerPanels, words: (hidden + 15) / 16 * 16 * tokenUnits)
        try self.grow(&self.product, words: count * hidden)
        try self.grow(&self.normedGradient, words: rows * hidden)
        transposed.head.matrix.multiply(
            self.compute, self.gradient.units, rows: count, into: self.product.floats)
        self.compute.zero(self.normedGradient.pointer, bytes: rows * hidden * 4)
        let scales = coefficients.map { -$0 }
        scales.withUnsafeBufferPointer { scales in
            batch.predictors.withUnsafeBufferPointer { predictors in
                predictors.withMemoryRebound(to: UInt32.self) { targets in
                    ead_scatter(
                        self.compute.pointer,
                        ead_scatter_args(
                            out: self.normedGradient.floats, target: targets.baseAddress, scale: scales.baseAddress,
                            x: self.product.floats, rows: count, columns: hidden))
                }
                ead_gather(
                    self.compute.pointer,
                    ead_gather_args(
                        x: normed, source: predictors.baseAddress, scale: scales.baseAddress, out: self.hidden.units,
                        stride: self.hiddenUnits, rows: count, columns: hidden, bf16: self.precision.isBF16))
            }
        }
        self.pack(self.hidden.units, stride: self.hiddenUnits, columns: hidden, rows: count, into: self.innerPanels)
        for begin in stride(from: 0, to: self.shape.vocabulary, by: block) {
            let columns = min(block, self.shape.vocabulary - begin)
            self.pack(
                self.gradient.units + self.precision.units(begin), stride: self.vocabularyUnits, columns: columns,
                rows: count, into: self.panels)
            ead_gemm(
                self.compute.pointer,
                ead_gemm_args(
                    a: self.panels.units, a_stride: 0, a_panels: 1, panels: self.innerPanels.units,
                    c: gradients + transposed.head.offset + begin * hidden, c_stride: hidden, rows: columns,
                    columns: hidden, units: tokenUnits, mode: EAD_CONTINUE, bf16: self.precision.isBF16))
        }
        return self.normedGradient
    }

    private func pack(
        _ x: UnsafePointer<UInt32>, stride: Int, columns: Int, rows: Int, into panels: AlignedBuffer
    ) {
        ead_pack_tokens(
            self.compute.pointer,
            ead_pack_tokens_args(
                x: x, x_stride: stride, panels: panels.units, rows: rows, columns: columns,
                bf16: self.precision.isBF16))
    }
}
