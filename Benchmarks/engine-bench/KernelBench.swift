import CEADKernels
import EADCore
import EADTransformer

/// Each kernel alone, on the shapes of SmolLM2-135M.
struct KernelBench {
    let machine: MachinePeaks
    let threads: Int
    let repetitions: Int
    let stopwatch: Stopwatch

    /// One multiple of the time that the clock resolves.
    private static let leastSeconds = 0.05

    func measure(_ table: inout FigureTable) throws {
        let options = ead_device_options(variant: ead_best_variant(), counts: 0, bias: 0)
        guard let device = ead_device_open(options) else { throw EngineBenchError.outOfMemory }
        defer { ead_device_close(device) }
        guard let compute = ead_compute_create(device, Int32(self.threads), 1 << 22) else {
            throw EngineBenchError.outOfMemory
        }
        defer { ead_compute_destroy(compute) }
        for precision in [Precision.bf16, .f32] {
            self.products(compute, precision, &table)
            self.attention(compute, precision, &table)
        }
        self.rows(compute, &table)
        self.vocabulary(compute, &table)
        self.parameters(compute, &table)
    }

    /// Seconds of one call, for each repetition.
    private func time(_ body: () -> Void) -> [Double] {
        body()
        return (0..<self.repetitions).map { _ in
            var calls = 0.0
            let start = self.stopwatch.now()
            repeat {
                body()
                calls += 1
            } while self.stopwatch.now() - start < Self.leastSeconds
            return (self.stopwatch.now() - start) / calls
        }
    }

    private func add(
        _ name: String, flops: Double = 0, bytes: Double = 0, _ precision: Precision,
        _ table: inout FigureTable, _ body: () -> Void
    ) {
        guard table.wants(name) else { return }
        let limit = self.machine.limit(flops: flops, bytes: bytes, precision)
        let work = limit.bound == "memory" ? bytes : flops
        table.add(
            name, self.time(body).map { work / $0 / 1e9 }, limit.bound == "memory" ? "GB/s" : "GFLOP/s",
            limit: work / limit.seconds / 1e9, bound: limit.bound)
    }

    /// Products with a matrix larger than the caches (the output projection's), and a weight gradient.
    private func products(_ compute: OpaquePointer, _ precision: Precision, _ table: inout FigureTable) {
        let (columns, depth) = (Workload.model.vocabulary, Workload.model.hidden)
        let bf16: Int32 = precision == .bf16 ? 1 : 0
        let units = precision == .bf16 ? depth / 2 : depth
        let panels = Memory(words: columns * units)
        let input = Memory(words: 512 * 3072)
        let output = Memory(words: 512 * columns)
        for rows in [1, 8, 64, 512] {
            let flops = 2 * Double(rows * columns * depth)
            self.add(
                "GEMM \(rows) x \(depth) x \(columns), \(precision)", flops: flops, bytes: Double(columns * units * 4),
                precision, &table
            ) {
                ead_gemm(
                    compute,
                    ead_gemm_args(
                        a: input.pointer, a_stride: units, a_panels: 0, panels: panels.pointer, c: output.floats,
                        c_stride: columns, rows: rows, columns: columns, units: units, mode: EAD_SET, bf16: bf16))
            }
        }
        let (outer, inner, tokens) = (3072, 576, 512)
        let tokenUnits = precision == .bf16 ? tokens / 2 : tokens
        self.add(
            "weight gradient \(outer) x \(tokens) x \(inner), \(precision)",
            flops: 2 * Double(outer * inner * tokens), precision, &table
        ) {
            ead_gemm(
                compute,
                ead_gemm_args(
                    a: input.pointer, a_stride: 0, a_panels: 1, panels: panels.pointer, c: output.floats,
                    c_stride: inner, rows: outer, columns: inner, units: tokenUnits, mode: EAD_CONTINUE, bf16: bf16))
        }
    }

    /// One layer's attention: 64 sequences decoding at 512 positions, and one prompt of 512.
    private func attention(_ compute: OpaquePointer, _ precision: Precision, _ table: inout FigureTable) {
        let model = Workload.model
        let bf16: Int32 = precision == .bf16 ? 1 : 0
        let headWords = (precision == .bf16 ? 2 : 4) * 16 * model.headSize / 2
        let pageBytes = headWords * 4 * model.keyValueHeads
        let (sequences, pagesPer) = (64, 32)
        let memory = Memory(words: sequences * pagesPer * pageBytes / 4)
        let base = memory.pointer.assumingMemoryBound(to: UInt8.self)
        var pages: [UnsafeMutablePointer<UInt8>?] = (0..<sequences * pagesPer).map { base + $0 * pageBytes }
        let heads = ead_heads(
            heads: Int32(model.heads), kv_heads: Int32(model.keyValueHeads), head_size: Int32(model.headSize),
            bf16: bf16, layer_offset: 0, head_bytes: headWords * 4)
        let stride = model.heads * model.headSize / (precision == .bf16 ? 2 : 1)
        let queries = Memory(words: 512 * stride)
        let output = Memory(words: 512 * stride)
        func run(_ segments: [ead_segment], rows: Int) {
            segments.withUnsafeBufferPointer { segments in
                ead_attention(
                    compute,
                    ead_attention_args(
                        q: queries.pointer, q_stride: stride, out: output.pointer, out_stride: stride,
                        segments: segments.baseAddress, segment_count: segments.count, rows: rows,
                        heads: heads))
            }
        }
        pages.withUnsafeMutableBufferPointer { pages in
            guard let table0 = pages.baseAddress else { return }
            let decoding = (0..<sequences).map {
                ead_segment(
                    row: Int32($0), rows: 1, position: 511, prefix_row: 0, pages: UnsafePointer(table0 + $0 * pagesPer))
            }
            let perPosition = Double(4 * model.heads * model.headSize)
            self.add(
                "attention, 64 tokens at position 511, \(precision)", flops: 64 * 512 * perPosition,
                bytes: Double(sequences * pagesPer * pageBytes), precision, &table
            ) { run(decoding, rows: sequences) }
            let prompt = [
                ead_segment(row: 0, rows: 512, position: 0, prefix_row: 0, pages: UnsafePointer(table0))
            ]
            self.add(
                "attention, prompt of 512, \(precision)", flops: 512 * 513 / 2 * perPosition, precision, &table
            ) { run(prompt, rows: 512) }
        }
    }

    private func rows(_ compute: OpaquePointer, _ table: inout FigureTable) {
        let rows = 16_384
        let (hidden, wide) = (Workload.model.hidden, Workload.model.feedForward)
        let x = Memory(words: rows * 2 * wide)
        let y = Memory(words: rows * wide)
        self.add("RMSNorm, bf16 out", bytes: Double(rows * hidden * 6), .f32, &table) {
            ead_rmsnorm(
                compute,
                ead_rmsnorm_args(
                    x: x.floats, w: y.floats, out: y.pointer, out_stride: hidden / 2, rows: rows, columns: hidden,
                    epsilon: 1e-5, bf16: 1))
        }
        self.add("SwiGLU, bf16 out", bytes: Double(rows * wide * 10), .f32, &table) {
            ead_swiglu(
                compute,
                ead_swiglu_args(
                    gate_up: x.floats, out: y.pointer, out_stride: wide / 2, rows: rows, columns: wide, bf16: 1))
        }
        self.add("pack tokens, bf16", bytes: Double(rows * wide * 4), .f32, &table) {
            ead_pack_tokens(
                compute,
                ead_pack_tokens_args(
                    x: x.pointer, x_stride: wide / 2, panels: y.pointer, rows: rows, columns: wide, bf16: 1))
        }
    }

    private func vocabulary(_ compute: OpaquePointer, _ table: inout FigureTable) {
        let (rows, columns) = (512, Workload.model.vocabulary)
        let logits = Memory(words: rows * columns)
        let gradient = Memory(words: rows * columns / 2)
        guard ead_compute_reserve(compute, ead_sample_scratch(columns)) == 0 else { return }
        var draws = (0..<rows).map { row in
            var draw = ead_draw()
            draw.temperature = 0.8
            draw.uniform = Float(row) / Float(rows)
            draw.top_p = 1
            return draw
        }
        draws.withUnsafeMutableBufferPointer { draws in
            self.add("sampling, two log-probabilities", bytes: Double(rows * columns * 4), .f32, &table) {
                ead_sample(
                    compute,
                    ead_sample_args(
                        logits: logits.floats, logits_stride: columns, draws: draws.baseAddress, rows: rows,
                        columns: columns))
            }
        }
        let targets = (0..<rows).map { UInt32($0) }
        var logProbs = [Float](repeating: 0, count: rows)
        logProbs.withUnsafeMutableBufferPointer { logProbs in
            targets.withUnsafeBufferPointer { targets in
                self.add("cross-entropy with gradient, bf16", bytes: Double(rows * columns * 6), .f32, &table) {
                    ead_cross_entropy(
                        compute,
                        ead_cross_entropy_args(
                            logits: logits.floats, logits_stride: columns, targets: targets.baseAddress,
                            log_probs: logProbs.baseAddress, gradient: gradient.pointer, gradient_stride: columns / 2,
                            entropies: nil, entropy_gradient: nil,
                            rows: rows, columns: columns, bf16: 1))
                }
            }
        }
    }

    private func parameters(_ compute: OpaquePointer, _ table: inout FigureTable) {
        let count = 32 << 20
        let arrays = (0..<4).map { _ in Memory(words: count) }
        let fault = Memory(words: 1)
        self.add("AdamW", bytes: Double(count * 28), .f32, &table) {
            ead_adamw(
                compute,
                ead_adamw_args(
                    w: arrays[0].floats, m: arrays[1].floats, v: arrays[2].floats, gradient: arrays[3].floats,
                    count: count, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0, step_size: 1e-6, root: 1,
                    scale: 1, fault: fault.pointer.assumingMemoryBound(to: Int32.self)))
        }
        let columns = 1024
        for transposed in [Int32(0), 1] {
            self.add(
                "pack weights, bf16\(transposed == 1 ? ", transposed" : "")", bytes: Double(count * 6), .f32, &table
            ) {
                ead_pack(
                    compute,
                    ead_pack_args(
                        w: arrays[0].floats, w_stride: columns, panels: arrays[1].pointer, rows: count / columns,
                        columns: columns, transposed: transposed, bf16: 1))
            }
        }
    }
}

enum EngineBenchError: Error {
    case outOfMemory
}
