import CEADKernels
import EADCore
import EADEngine
import EADModels

/// The backward pass of a micro-batch; the mirror of `ForwardPass`, layer by layer.
///
/// dW = dY^T X sums over rows in order and goes on from the gradient so far, so that a gradient has the same bits for
/// any number of threads.
final class BackwardPass {
    private let forward: ForwardPass
    private let rows: Int
    private let shape: ModelShape
    private let precision: Precision
    private let compute: Compute
    /// Gradient of the residual stream, f32 `[rows][hidden]`.
    let stream: DevicePointer<Float>
    private let wide: DevicePointer<Float>
    private let narrow: DevicePointer<Float>
    private let outerUnits: DevicePointer<UInt32>
    private let innerUnits: DevicePointer<UInt32>
    private let outerPanels: DevicePointer<UInt32>
    private let innerPanels: DevicePointer<UInt32>
    private let scales: DevicePointer<Float>
    private let buffers: [DeviceBuffer]

    init(_ forward: ForwardPass, rows: Int) throws(EngineError) {
        let shape = forward.shape
        let precision = forward.precision
        let widest = max(2 * shape.feedForward, forward.joinedColumns, shape.hidden, shape.heads * shape.headSize)
        let inner = max(shape.feedForward, shape.hidden, shape.heads * shape.headSize)
        let tokenUnits = precision.units(rows)
        let sizes = [
            rows * shape.hidden, rows * widest, rows * max(inner, forward.joinedColumns),
            rows * precision.units(widest), rows * precision.units(inner), (widest + 15) / 16 * 16 * tokenUnits,
            (inner + 15) / 16 * 16 * tokenUnits, rows * (shape.hasHeadNorms ? shape.heads : 1),
        ]
        var buffers: [DeviceBuffer] = []
        for size in sizes { buffers.append(try DeviceBuffer(forward.compute.device, UInt32.self, count: size)) }
        self.stream = buffers[0].floats
        self.wide = buffers[1].floats
        self.narrow = buffers[2].floats
        self.outerUnits = buffers[3].units
        self.innerUnits = buffers[4].units
        self.outerPanels = buffers[5].units
        self.innerPanels = buffers[6].units
        self.scales = buffers[7].floats
        self.buffers = buffers
        self.forward = forward
        self.rows = rows
        self.shape = shape
        self.precision = precision
        self.compute = forward.compute
    }

    /// What the attention of a layer was computed over.
    struct AttentionBatch {
        var segments: DevicePointer<ead_segment>
        var segmentCount: Int
        var families: DevicePointer<Int32>
        var members: DevicePointer<Int32>
        var familyCount: Int
        var pages: KeyValuePages
    }

    /// The gradient of one layer, from `stream` at its output to `stream` at its input; the first `rows` rows.
    func layer(
        _ index: Int, rows: Int, state: ForwardPass.LayerState, weights: WeightPanels,
        transposed: TransposedPanels.Layer, batch: AttentionBatch, gradients: DevicePointer<Float>
    ) {
        let layer = weights.layers[index]
        self.feedForward(
            rows, state, layer, down: transposed.down, gateUp: transposed.gateUp,
            norm: gradients + layer.postNorm.place.offset, gradients: gradients)
        self.attention(
            rows, state, layer, output: transposed.output, joined: transposed.queryKeyValue,
            norm: gradients + layer.inputNorm.place.offset,
            batch: batch,
            heads: batch.pages.heads(layer: index), gradients: gradients)
        self.forward.progress.advance()
    }

    private func feedForward(
        _ rows: Int, _ state: ForwardPass.LayerState, _ layer: WeightPanels.Layer, down: WeightPanels.Part,
        gateUp: WeightPanels.Part, norm: DevicePointer<Float>, gradients: DevicePointer<Float>
    ) {
        let width = self.shape.feedForward
        guard let kept = state.gateUp else { preconditionFailure("training keeps gate and up") }
        self.convert(self.stream, columns: self.shape.hidden, rows: rows)
        self.packOuter(columns: self.shape.hidden, rows: rows)
        down.matrix.multiply(self.compute, self.outerUnits, rows: rows, into: self.narrow)
        ead_swiglu_backward(
            self.compute.pointer,
            ead_swiglu_backward_args(
                gate_up: kept.address, dh: self.narrow.address, dgate_up: self.outerUnits.address,
                h: self.innerUnits.address, rows: rows, columns: width, bf16: self.precision.isBF16))
        self.accumulate(down, inner: self.innerUnits, rows: rows, gradients: gradients)
        self.packOuter(columns: 2 * width, rows: rows)
        gateUp.matrix.multiply(self.compute, self.outerUnits, rows: rows, into: self.narrow)
        self.forward.normalise(state.middle, layer.postNorm.values, into: self.innerUnits, rows: rows)
        self.accumulate(gateUp, inner: self.innerUnits, rows: rows, gradients: gradients)
        self.normalise(state.middle, layer.postNorm.values, output: self.narrow, gradient: norm, rows: rows)
    }

    private func attention(
        _ rows: Int, _ state: ForwardPass.LayerState, _ layer: WeightPanels.Layer, output: WeightPanels.Part,
        joined: WeightPanels.Part, norm: DevicePointer<Float>,
        batch: AttentionBatch, heads: ead_heads, gradients: DevicePointer<Float>
    ) {
        self.bias(layer.outputBias, self.stream, columns: self.shape.hidden, rows: rows, gradients: gradients)
        self.convert(self.stream, columns: self.shape.hidden, rows: rows)
        self.packOuter(columns: self.shape.hidden, rows: rows)
        output.matrix.multiply(self.compute, self.outerUnits, rows: rows, into: self.narrow)
        self.accumulate(output, inner: state.attention, rows: rows, gradients: gradients)
        ead_attention_backward(
            self.compute.pointer,
            ead_attention_backward_args(
                q: state.queries.address, q_stride: self.forward.queryUnits, dout: self.narrow.address,
                dqkv: self.wide.address, cosines: layer.isRotated ? self.forward.rotary.cosines.address : 0,
                sines: layer.isRotated ? self.forward.rotary.sines.address : 0, segments: batch.segments.address,
                segment_count: batch.segmentCount, rows: rows, families: batch.families.address,
                members: batch.members.address,
                family_count: batch.familyCount, heads: heads))
        if let norms = layer.headNorms, let projected = state.projected {
            self.normaliseHeads(norms, projected, rows: rows, gradients: gradients)
        }
        self.bias(
            layer.queryKeyValueBias, self.wide, columns: self.forward.joinedColumns, rows: rows, gradients: gradients)
        self.convert(self.wide, columns: self.forward.joinedColumns, rows: rows)
        self.packOuter(columns: self.forward.joinedColumns, rows: rows)
        joined.matrix.multiply(self.compute, self.outerUnits, rows: rows, into: self.narrow)
        self.forward.normalise(state.input, layer.inputNorm.values, into: self.innerUnits, rows: rows)
        self.accumulate(joined, inner: self.innerUnits, rows: rows, gradients: gradients)
        self.normalise(state.input, layer.inputNorm.values, output: self.narrow, gradient: norm, rows: rows)
    }

    /// stream = gradient through the final norm, given d normed (f32 rows).
    func finalNorm(
        _ x: DevicePointer<Float>, _ weight: DevicePointer<Float>, normed: DevicePointer<Float>,
        gradient: DevicePointer<Float>, rows: Int
    ) {
        self.compute.zero(self.stream, count: rows * self.shape.hidden)
        self.normalise(x, weight, output: normed, gradient: gradient, rows: rows)
    }

    /// stream += gradient of RMSNorm, given that of its output.
    private func normalise(
        _ x: DevicePointer<Float>, _ weight: DevicePointer<Float>, output: DevicePointer<Float>,
        gradient: DevicePointer<Float>, rows: Int
    ) {
        ead_rmsnorm_backward(
            self.compute.pointer,
            ead_rmsnorm_backward_args(
                x: x.address, w: weight.address, dy: output.address, dx: self.stream.address, dw: gradient.address,
                rstd: self.scales.address, rows: rows, columns: self.shape.hidden, epsilon: self.shape.normEpsilon,
                bf16: self.precision.isBF16))
    }

    /// The gradient of a bias, given that of its output.
    private func bias(
        _ bias: WeightPanels.Vector?, _ output: DevicePointer<Float>, columns: Int, rows: Int,
        gradients: DevicePointer<Float>
    ) {
        guard let bias else { return }
        ead_bias_backward(
            self.compute.pointer,
            ead_bias_backward_args(
                x: output.address, out: (gradients + bias.place.offset).address, rows: rows, columns: columns))
    }

    /// The q and k parts of `wide`, from gradients of what was normalised to those of what is projected.
    private func normaliseHeads(
        _ norms: WeightPanels.HeadNorms, _ projected: DevicePointer<UInt32>, rows: Int,
        gradients: DevicePointer<Float>
    ) {
        for (weight, first, heads) in [
            (norms.queries, 0, self.shape.heads), (norms.keys, self.shape.queries, self.shape.keyValueHeads),
        ] {
            ead_head_norm_backward(
                self.compute.pointer,
                ead_head_norm_backward_args(
                    // Heads have an even number of elements, so that each begins with a unit.
                    x: (projected + self.precision.units(first)).address,
                    x_stride: self.precision.units(self.forward.normedColumns), w: weight.values.address,
                    dy: (self.wide + first).address, dy_stride: self.forward.joinedColumns,
                    dw: (gradients + weight.place.offset).address, rstd: self.scales.address, rows: rows,
                    heads: heads, head_size: self.shape.headSize, epsilon: self.shape.normEpsilon,
                    bf16: self.precision.isBF16))
        }
    }

    /// f32 rows into `outerUnits`.
    private func convert(_ x: DevicePointer<Float>, columns: Int, rows: Int) {
        ead_convert(
            self.compute.pointer,
            ead_convert_args(
                x: x.address, x_stride: columns, out: self.outerUnits.address,
                out_stride: self.precision.units(columns), rows: rows, columns: columns, bf16: self.precision.isBF16))
    }

    private func packOuter(columns: Int, rows: Int) {
        self.pack(self.outerUnits, columns: columns, rows: rows, into: self.outerPanels)
    }

    private func pack(
        _ x: DevicePointer<UInt32>, columns: Int, rows: Int, into panels: DevicePointer<UInt32>
    ) {
        ead_pack_tokens(
            self.compute.pointer,
            ead_pack_tokens_args(
                x: x.address, x_stride: self.precision.units(columns), panels: panels.address, rows: rows,
                columns: columns,
                bf16: self.precision.isBF16))
    }

    /// dW += dY^T X, with dY in `outerPanels`.
    private func accumulate(
        _ part: WeightPanels.Part, inner: DevicePointer<UInt32>, rows: Int, gradients: DevicePointer<Float>
    ) {
        self.pack(inner, columns: part.place.columns, rows: rows, into: self.innerPanels)
        ead_gemm(
            self.compute.pointer,
            ead_gemm_args(
                a: self.outerPanels.address, a_stride: 0, a_panels: 1, panels: self.innerPanels.address,
                c: (gradients + part.place.offset).address, c_stride: part.place.columns, rows: part.place.rows,
                columns: part.place.columns,
                units: self.precision.units(rows), mode: EAD_CONTINUE, bf16: self.precision.isBF16))
    }
}
