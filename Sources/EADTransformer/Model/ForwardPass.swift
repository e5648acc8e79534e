import CEADKernels
import EADCore
import EADEngine

/// The transformer's forward pass over rows of any sequences: the one path of prefill, decoding and training.
///
/// A row's result depends on its own sequence and the weights only (docs/numerics.md).
final class ForwardPass {
    /// Rows to compute: tokens `[rows]` and the segments they belong to, in ascending order of row.
    struct Batch {
        var tokens: DevicePointer<TokenID>
        var segments: DevicePointer<ead_segment>
        var segmentCount: Int
        var rows: Int
    }

    /// A run of consecutive positions of one sequence among the rows of a batch.
    struct Segment {
        var row: Int
        var rows: Int
        var position: Int
        /// First row of the prompt; of interest to a backward pass only.
        var prefixRow = 0
        var pages: PageTable
    }

    /// Where the pass reads and leaves the state of a layer; in generation all layers share one place.
    struct LayerState {
        /// The residual stream before, between and after attention and MLP, f32 `[rows][hidden]`; may be the same.
        var input: DevicePointer<Float>
        var middle: DevicePointer<Float>
        var output: DevicePointer<Float>
        /// Units rows `[rows][heads * headSize]`.
        var queries: DevicePointer<UInt32>
        var attention: DevicePointer<UInt32>
        /// When present in a model that normalises heads, q and k before that as units rows `[normedColumns]`.
        var projected: DevicePointer<UInt32>?
        /// When present, gate and up are kept as units rows `[rows][2 * feedForward]`.
        var gateUp: DevicePointer<UInt32>?
    }

    let shape: ModelShape
    let precision: Precision
    let compute: Compute
    let rotary: RotaryTable
    let progress: EngineProgress
    private var rowCapacity = 0
    private let input: UploadBuffer
    private var buffers: [DeviceBuffer] = []
    private var normed: DevicePointer<UInt32>
    private var joined: DevicePointer<Float>
    private var gateUp: DevicePointer<Float>
    private var gated: DevicePointer<UInt32>
    private var own: LayerState

    init(
        shape: ModelShape, precision: Precision, compute: Compute, rotary: RotaryTable, progress: EngineProgress
    ) throws(EngineError) {
        try shape.checkSupported()
        self.shape = shape
        self.precision = precision
        self.compute = compute
        self.rotary = rotary
        self.progress = progress
        self.input = try UploadBuffer(compute)
        let empty = try DeviceBuffer(compute.device, bytes: 0)
        self.normed = empty.units
        self.joined = empty.floats
        self.gateUp = empty.floats
        self.gated = empty.units
        self.own = LayerState(
            input: empty.floats, middle: empty.floats, output: empty.floats, queries: empty.units,
            attention: empty.units)
    }

    var queryUnits: Int { self.precision.units(self.shape.heads * self.shape.headSize) }
    var hiddenUnits: Int { self.precision.units(self.shape.hidden) }
    /// Columns of q, k and v together.
    var joinedColumns: Int { (self.shape.heads + 2 * self.shape.keyValueHeads) * self.shape.headSize }

    /// Columns of q and k together, which some models normalise head by head.
    var normedColumns: Int { self.shape.queries + self.shape.keys }

    /// Makes room for so many rows, and for attention over so many positions.
    func reserve(rows: Int, positions: Int) throws(EngineError) {
        let size = Int32(self.shape.headSize)
        try self.compute.reserve(Int(ead_attention_scratch(positions, size, 0)))
        guard rows > self.rowCapacity else { return }
        let device = self.compute.device
        let capacity = (rows + 15) / 16 * 16
        let normed = try DeviceBuffer(device, UInt32.self, count: capacity * self.hiddenUnits)
        let joined = try DeviceBuffer(device, Float.self, count: capacity * self.joinedColumns)
        let gateUp = try DeviceBuffer(device, Float.self, count: capacity * 2 * self.shape.feedForward)
        let gated = try DeviceBuffer(
            device, UInt32.self, count: capacity * self.precision.units(self.shape.feedForward))
        let stream = try DeviceBuffer(device, Float.self, count: capacity * self.shape.hidden)
        let queries = try DeviceBuffer(device, UInt32.self, count: capacity * self.queryUnits)
        let attention = try DeviceBuffer(device, UInt32.self, count: capacity * self.queryUnits)
        self.buffers = [normed, joined, gateUp, gated, stream, queries, attention]
        self.normed = normed.units
        self.joined = joined.floats
        self.gateUp = gateUp.floats
        self.gated = gated.units
        self.own = LayerState(
            input: stream.floats, middle: stream.floats, output: stream.floats, queries: queries.units,
            attention: attention.units)
        self.rowCapacity = capacity
    }

    /// Reserves room, uploads tokens and segments and runs all layers; `positions` is the longest sequence among the
    /// segments.
    func run(
        tokens: [TokenID], segments: [Segment], positions: Int, weights: WeightPanels, pages: KeyValuePages,
        states: [LayerState]? = nil
    ) throws(EngineError) -> DevicePointer<Float> {
        precondition(!tokens.isEmpty, "a pass has rows")
        try self.reserve(rows: tokens.count, positions: positions)
        try self.input.begin(
            bytes: UploadBuffer.bytes(TokenID.self, count: tokens.count) + UploadBuffer.bytes(of: segments))
        let batch = Batch(
            tokens: self.input.add(tokens), segments: self.input.add(segments), segmentCount: segments.count,
            rows: tokens.count)
        self.input.upload()
        return self.run(batch, weights: weights, pages: pages, states: states)
    }

    /// Runs all layers and returns the final residual stream, f32 `[rows][hidden]`.
    ///
    /// - Parameter states: One per layer to keep activations for a backward pass; nil to keep none.
    func run(
        _ batch: Batch, weights: WeightPanels, pages: KeyValuePages, states: [LayerState]? = nil
    ) -> DevicePointer<Float> {
        precondition(batch.rows <= self.rowCapacity, "room for the rows is reserved")
        let first = states?[0] ?? self.own
        ead_embedding(
            self.compute.pointer,
            ead_embedding_args(
                panels: weights.embedding.matrix.panels.address, vocabulary: self.shape.vocabulary,
                tokens: batch.tokens.address,
                x: first.input.address, rows: batch.rows, columns: self.shape.hidden, bf16: self.precision.isBF16))
        var output = first.input
        for (index, layer) in weights.layers.enumerated() {
            let state = states?[index] ?? self.own
            self.attend(batch, layer, heads: pages.heads(layer: index), state)
            self.feedForward(batch.rows, layer, state)
            output = state.output
            self.progress.advance()
        }
        return output
    }

    /// middle = input + attention(norm(input)).
    private func attend(_ batch: Batch, _ layer: WeightPanels.Layer, heads: ead_heads, _ state: LayerState) {
        let rows = batch.rows
        self.normalise(state.input, layer.inputNorm.values, into: self.normed, rows: rows)
        layer.queryKeyValue.matrix.multiply(self.compute, self.normed, rows: rows, into: self.joined)
        if let bias = layer.queryKeyValueBias {
            ead_bias(
                self.compute.pointer,
                ead_bias_args(
                    x: self.joined.address, bias: bias.values.address, rows: rows, columns: self.joinedColumns))
        }
        if let norms = layer.headNorms { self.normaliseHeads(norms, rows: rows, keeping: state.projected) }
        ead_rope(
            self.compute.pointer,
            ead_rope_args(
                qkv: self.joined.address, q: state.queries.address, q_stride: self.queryUnits,
                cosines: layer.isRotated ? self.rotary.cosines.address : 0,
                sines: layer.isRotated ? self.rotary.sines.address : 0,
                segments: batch.segments.address, segment_count: batch.segmentCount, rows: rows,
                heads: heads))
        ead_attention(
            self.compute.pointer,
            ead_attention_args(
                q: state.queries.address, q_stride: self.queryUnits, out: state.attention.address,
                out_stride: self.queryUnits, segments: batch.segments.address, segment_count: batch.segmentCount,
                rows: rows,
                heads: heads))
        self.carry(state.input, to: state.middle, rows: rows)
        layer.output.matrix.multiply(self.compute, state.attention, rows: rows, into: state.middle, mode: EAD_ADD)
        if let bias = layer.outputBias {
            ead_bias(
                self.compute.pointer,
                ead_bias_args(
                    x: state.middle.address, bias: bias.values.address, rows: rows, columns: self.shape.hidden))
        }
    }

    /// Each head of q and k in `joined`, in place.
    private func normaliseHeads(_ norms: WeightPanels.HeadNorms, rows: Int, keeping kept: DevicePointer<UInt32>?) {
        if let kept {
            ead_convert(
                self.compute.pointer,
                ead_convert_args(
                    x: self.joined.address, x_stride: self.joinedColumns, out: kept.address,
                    out_stride: self.precision.units(self.normedColumns), rows: rows, columns: self.normedColumns,
                    bf16: self.precision.isBF16))
        }
        for (weight, first, heads) in [
            (norms.queries, 0, self.shape.heads), (norms.keys, self.shape.queries, self.shape.keyValueHeads),
        ] {
            ead_head_norm(
                self.compute.pointer,
                ead_head_norm_args(
                    x: (self.joined + first).address, x_stride: self.joinedColumns, w: weight.values.address,
                    rows: rows, heads: heads, head_size: self.shape.headSize, epsilon: self.shape.normEpsilon))
        }
    }

    /// output = middle + mlp(norm(middle)).
    private func feedForward(_ rows: Int, _ layer: WeightPanels.Layer, _ state: LayerState) {
        let width = self.shape.feedForward
        self.normalise(state.middle, layer.postNorm.values, into: self.normed, rows: rows)
        layer.gateUp.matrix.multiply(self.compute, self.normed, rows: rows, into: self.gateUp)
        if let kept = state.gateUp {
            ead_convert(
                self.compute.pointer,
                ead_convert_args(
                    x: self.gateUp.address, x_stride: 2 * width, out: kept.address,
                    out_stride: self.precision.units(2 * width), rows: rows, columns: 2 * width,
                    bf16: self.precision.isBF16))
        }
        ead_swiglu(
            self.compute.pointer,
            ead_swiglu_args(
                gate_up: self.gateUp.address, out: self.gated.address, out_stride: self.precision.units(width),
                rows: rows,
                columns: width, bf16: self.precision.isBF16))
        self.carry(state.middle, to: state.output, rows: rows)
        layer.down.matrix.multiply(self.compute, self.gated, rows: rows, into: state.output, mode: EAD_ADD)
    }

    /// RMSNorm of f32 rows into units rows of stride `hiddenUnits`.
    func normalise(
        _ x: DevicePointer<Float>, _ weight: DevicePointer<Float>, into output: DevicePointer<UInt32>, rows: Int
    ) {
        ead_rmsnorm(
            self.compute.pointer,
            ead_rmsnorm_args(
                x: x.address, w: weight.address, out: output.address, out_stride: self.hiddenUnits, rows: rows,
                columns: self.shape.hidden, epsilon: self.shape.normEpsilon, bf16: self.precision.isBF16))
    }

    private func carry(_ from: DevicePointer<Float>, to: DevicePointer<Float>, rows: Int) {
        if to != from { self.compute.copy(from, to: to, count: rows * self.shape.hidden) }
    }
}
