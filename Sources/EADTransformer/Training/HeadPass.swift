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
    /// Rows whose logits are in memory at once.
    private static let logitRows = 64

    private let shape: ModelShape
    private let precision: Precision
    private let compute: Compute
    private let logits: AlignedBuffer
    private var hidden: AlignedBuffer
    private var gradient: AlignedBuffer
    private var entropyGradient: AlignedBuffer
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

    private func grow(_ buffer: inout AlignedBuffer, words: Int) throws(EngineError) {
        if buffer.bytes < words * 4 { buffer = try AlignedBuffer(UInt32.self, count: words) }
    }

    /// What a pass computes of each target besides its log-probability.
    struct Parts: OptionSet {
        let rawValue: Int
        /// Keeps what `propagate` needs.
        static let gradient = Parts(rawValue: 1)
        static let entropies = Parts(rawValue: 2)
    }

    var bytes: Int {
        [
            self.logits, self.hidden, self.gradient, self.entropyGradient, self.panels, self.innerPanels, self.product,
            self.normedGradient,
        ].map(\.bytes).reduce(0, +)
    }

    /// Makes room for the log-probabilities of so many targets.
    func reserve(targets: Int, parts: Parts) throws(EngineError) {
        try self.grow(&self.hidden, words: targets * self.hiddenUnits)
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
        _ batch: MicroBatch, normed: UnsafePointer<UInt32>, weights: WeightPanels, parts: Parts
    ) throws(EngineError) -> (logProbs: [Float], entropies: [Float]) {
        let count = batch.targets.count
        let keepsGradient = parts.contains(.gradient)
        let hasEntropies = parts.contains(.entropies)
        try self.reserve(targets: count, parts: parts)
        for (row, source) in batch.predictors.enumerated() {
            (self.hidden.units + row * self.hiddenUnits).update(
                from: normed + Int(source) * self.hiddenUnits, count: self.hiddenUnits)
        }
        var logProbs = [Float](repeating: 0, count: count)
        var entropies = [Float](repeating: 0, count: hasEntropies ? count : 0)
        batch.targets.withUnsafeBufferPointer { targets in
            logProbs.withUnsafeMutableBufferPointer { logProbs in
                entropies.withUnsafeMutableBufferPointer { entropies in
                    guard let target = targets.baseAddress, let logProb = logProbs.baseAddress else { return }
                    for begin in stride(from: 0, to: count, by: Self.logitRows) {
                        let rows = min(Self.logitRows, count - begin)
                        weights.head.multiply(
                            self.compute, self.hidden.units + begin * self.hiddenUnits, rows: rows,
                            into: self.logits.floats)
                        let first = begin * self.vocabularyUnits
                        ead_cross_entropy(
                            self.compute.pointer,
                            ead_cross_entropy_args(
                                logits: self.logits.floats, logits_stride: self.shape.vocabulary,
                                targets: target + begin, log_probs: logProb + begin,
                                gradient: keepsGradient ? self.gradient.units + first : nil,
                                gradient_stride: self.vocabularyUnits,
                                entropies: hasEntropies ? entropies.baseAddress.map { $0 + begin } : nil,
                                entropy_gradient: keepsGradient && hasEntropies
                                    ? self.entropyGradient.units + first : nil,
                                rows: rows, columns: self.shape.vocabulary, bf16: self.precision.isBF16))
                    }
                }
            }
        }
        return (logProbs, entropies)
    }

    /// Adds the head's weight gradient and returns the gradient of the final norm's output, f32 `[rows][hidden]`.
    ///
    /// `coefficients` are dLoss/dLogProb and `entropyCoefficients` dLoss/dH of each target, the latter empty for none.
    func propagate(
        _ batch: MicroBatch, coefficients: [Float], entropyCoefficients: [Float], normed: UnsafePointer<UInt32>,
        transposed: TransposedPanels,
        gradients: UnsafeMutablePointer<Float>
    ) throws(EngineError) -> AlignedBuffer {
        let count = batch.targets.count
        let rows = batch.tokens.count
        let hidden = self.shape.hidden
        let tokenUnits = self.precision.units(count)
        let block = self.columnBlock
        try self.reserveBackward(targets: count, rows: rows)
        let scales = self.mixed(coefficients, entropyCoefficients)
        transposed.head.matrix.multiply(
            self.compute, self.gradient.units, rows: count, into: self.product.floats)
        self.compute.zero(self.normedGradient.pointer, bytes: rows * hidden * 4)
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

    /// Brings the entropy's gradient into `gradient`, if there is one, and returns the factors of its rows.
    private func mixed(_ coefficients: [Float], _ entropyCoefficients: [Float]) -> [Float] {
        guard !entropyCoefficients.isEmpty else { return coefficients.map { -$0 } }
        coefficients.withUnsafeBufferPointer { coefficients in
            entropyCoefficients.map { -$0 }.withUnsafeBufferPointer { negated in
                ead_mix(
                    self.compute.pointer,
                    ead_mix_args(
                        x: self.gradient.units, y: self.entropyGradient.units, a: coefficients.baseAddress,
                        b: negated.baseAddress, stride: self.vocabularyUnits, rows: coefficients.count,
                        columns: self.shape.vocabulary, bf16: self.precision.isBF16))
            }
        }
        return coefficients.map { _ in -1 }
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
