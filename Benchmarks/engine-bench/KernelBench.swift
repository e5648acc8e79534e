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
            try self.products(device, compute, precision, &table)
            try self.attention(device, compute, precision, &table)
        }
        try self.rows(device, compute, &table)
        try self.vocabulary(device, compute, &table)
        try self.parameters(device, compute, &table)
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
    private func products(
        _ device: OpaquePointer, _ compute: OpaquePointer, _ precision: Precision, _ table: inout FigureTable
    ) throws {
        let (columns, depth) = (Workload.model.vocabulary, Workload.model.hidden)
        let bf16: Int32 = precision == .bf16 ? 1 : 0
        let units = precision == .bf16 ? depth / 2 : depth
        let panels = try Memory(device, words: columns * units)
        let input = try Memory(device, words: 512 * 3072)
        let output = try Memory(device, words: 512 * columns)
        for rows in [1, 8, 64, 512] {
            let flops = 2 * Double(rows * columns * depth)
            self.add(
                "GEMM \(rows) x \(depth) x \(columns), \(precision)", flops: flops, bytes: Double(columns * units * 4),
                precision, &table
            ) {
                ead_gemm(
                    compute,
                    ead_gemm_args(
                        a: input.address, a_stride: units, a_panels: 0, panels: panels.address, c: output.address,
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
                    a: input.address, a_stride: 0, a_panels: 1, panels: panels.address, c: output.address,
                    c_stride: inner, rows: outer, columns: inner, units: tokenUnits, mode: EAD_CONTINUE, bf16: bf16))
        }
    }

    /// One layer's attention: 64 sequences decoding at 512 positions, and one prompt of 512.
    private func attention(
        _ device: OpaquePointer, _ compute: OpaquePointer, _ precision: Precision, _ table: inout FigureTable
    ) throws {
        let model = Workload.model
        let bf16: Int32 = precision == .bf16 ? 1 : 0
        let headWords = (precision == .bf16 ? 2 : 4) * 16 * model.headSize / 2
        let pageBytes = headWords * 4 * model.keyValueHeads
        let (sequences, pagesPer) = (64, 32)
        let memory = try Memory(device, words: sequences * pagesPer * pageBytes / 4)
        let pages = (0..<sequences * pagesPer).map { memory.address + UInt64($0 * pageBytes) }
        let tables = try Memory(device, words: 2 * pages.count)
        tables.upload(pages, compute)
        let heads = ead_heads(
            heads: Int32(model.heads), kv_heads: Int32(model.keyValueHeads), head_size: Int32(model.headSize),
            bf16: bf16, layer_offset: 0, head_bytes: headWords * 4)
        let stride = model.heads * model.headSize / (precision == .bf16 ? 2 : 1)
        let queries = try Memory(device, words: 512 * stride)
        let output = try Memory(device, words: 512 * stride)
        let segments = try Memory(device, words: sequences * MemoryLayout<ead_segment>.stride / 4)
        func run(count: Int, rows: Int) {
            ead_attention(
                compute,
                ead_attention_args(
                    q: queries.address, q_stride: stride, out: output.address, out_stride: stride,
                    segments: segments.address, segment_count: count, rows: rows, heads: heads))
        }
        segments.upload(
            (0..<sequences).map {
                ead_segment(
                    row: Int32($0), rows: 1, position: 511, prefix_row: 0,
                    pages: tables.address + UInt64($0 * pagesPer * 8))
            }, compute)
        let perPosition = Double(4 * model.heads * model.headSize)
        self.add(
            "attention, 64 tokens at position 511, \(precision)", flops: 64 * 512 * perPosition,
            bytes: Double(sequences * pagesPer * pageBytes), precision, &table
        ) { run(count: sequences, rows: sequences) }
        segments.upload(
            [ead_segment(row: 0, rows: 512, position: 0, prefix_row: 0, pages: tables.address)], compute)
        self.add(
            "attention, prompt of 512, \(precision)", flops: 512 * 513 / 2 * perPosition, precision, &table
        ) { run(count: 1, rows: 512) }
        withExtendedLifetime((memory, tables)) {}
    }

    private func rows(_ device: OpaquePointer, _ compute: OpaquePointer, _ table: inout FigureTable) throws {
        let rows = 16_384
        let (hidden, wide) = (Workload.model.hidden, Workload.model.feedForward)
        let x = try Memory(device, words: rows * 2 * wide)
        let y = try Memory(device, words: rows * wide)
        self.add("RMSNorm, bf16 out", bytes: Double(rows * hidden * 6), .f32, &table) {
            ead_rmsnorm(
                compute,
                ead_rmsnorm_args(
                    x: x.address, w: y.address, out: y.address, out_stride: hidden / 2, rows: rows, columns: hidden,
                    epsilon: 1e-5, bf16: 1))
        }
        self.add("SwiGLU, bf16 out", bytes: Double(rows * wide * 10), .f32, &table) {
            ead_swiglu(
                compute,
                ead_swiglu_args(
                    gate_up: x.address, out: y.address, out_stride: wide / 2, rows: rows, columns: wide, bf16: 1))
        }
        self.add("pack tokens, bf16", bytes: Double(rows * wide * 4), .f32, &table) {
            ead_pack_tokens(
                compute,
                ead_pack_tokens_args(
                    x: x.address, x_stride: wide / 2, panels: y.address, rows: rows, columns: wide, bf16: 1))
        }
    }

    private func vocabulary(_ device: OpaquePointer, _ compute: OpaquePointer, _ table: inout FigureTable) throws {
        let (rows, columns) = (512, Workload.model.vocabulary)
        let logits = try Memory(device, words: rows * columns)
        let gradient = try Memory(device, words: rows * columns / 2)
        guard ead_compute_reserve(compute, ead_sample_scratch(columns)) == 0 else { return }
        let draws = try Memory(device, words: rows * MemoryLayout<ead_draw>.stride / 4)
        draws.upload(
            (0..<rows).map { row in
                var draw = ead_draw()
                draw.temperature = 0.8
                draw.uniform = Float(row) / Float(rows)
                draw.top_p = 1
                return draw
            }, compute)
        self.add("sampling, two log-probabilities", bytes: Double(rows * columns * 4), .f32, &table) {
            ead_sample(
                compute,
                ead_sample_args(
                    logits: logits.address, logits_stride: columns, draws: draws.address, rows: rows,
                    columns: columns))
        }
        let targets = try Memory(device, words: rows)
        targets.upload((0..<rows).map { UInt32($0) }, compute)
        let logProbs = try Memory(device, words: rows)
        self.add("cross-entropy with gradient, bf16", bytes: Double(rows * columns * 6), .f32, &table) {
            ead_cross_entropy(
                compute,
                ead_cross_entropy_args(
                    logits: logits.address, logits_stride: columns, targets: targets.address,
                    log_probs: logProbs.address, gradient: gradient.address, gradient_stride: columns / 2,
                    entropies: 0, entropy_gradient: 0, rows: rows, columns: columns, bf16: 1))
        }
    }

    private func parameters(_ device: OpaquePointer, _ compute: OpaquePointer, _ table: inout FigureTable) throws {
        let count = 32 << 20
        let arrays = try (0..<4).map { _ in try Memory(device, words: count) }
        let fault = try Memory(device, words: 1)
        self.add("AdamW", bytes: Double(count * 28), .f32, &table) {
            ead_adamw(
                compute,
                ead_adamw_args(
                    w: arrays[0].address, m: arrays[1].address, v: arrays[2].address, gradient: arrays[3].address,
                    count: count, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0, step_size: 1e-6, root: 1,
                    scale: 1, fault: fault.address))
        }
        let columns = 1024
        for transposed in [Int32(0), 1] {
            self.add(
                "pack weights, bf16\(transposed == 1 ? ", transposed" : "")", bytes: Double(count * 6), .f32, &table
            ) {
                ead_pack(
                    compute,
                    ead_pack_args(
                        w: arrays[0].address, w_stride: columns, panels: arrays[1].address, rows: count / columns,
                        columns: columns, transposed: transposed, bf16: 1))
            }
        }
    }
}

enum EngineBenchError: Error {
    case outOfMemory
}
