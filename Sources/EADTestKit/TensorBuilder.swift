import EADCore
import EADModels

/// Draws the weights of a `TinyModel` and lays them out both ways.
struct TensorBuilder {
    let shape: ModelShape
    let encoding: TinyModel.Encoding
    private var random: SplitMix64
    private var result: [TinyModel.Tensor] = []

    init(shape: ModelShape, encoding: TinyModel.Encoding, seed: UInt64) {
        self.shape = shape
        self.encoding = encoding
        self.random = SplitMix64(seed: seed)
    }

    mutating func build() -> [TinyModel.Tensor] {
        let queries = self.shape.heads * self.shape.headSize
        let keys = self.shape.keyValueHeads * self.shape.headSize
        let (hidden, inner) = (self.shape.hidden, self.shape.feedForward)
        self.matrix("model.embed_tokens", "token_embd", self.shape.vocabulary, hidden, scale: 0.5)
        for layer in 0..<self.shape.layers {
            let (name, block) = ("model.layers.\(layer).", "blk.\(layer).")
            self.norm(name + "input_layernorm", block + "attn_norm")
            self.matrix(name + "self_attn.q_proj", block + "attn_q", queries, hidden, rotary: true)
            self.matrix(name + "self_attn.k_proj", block + "attn_k", keys, hidden, rotary: true)
            self.matrix(name + "self_attn.v_proj", block + "attn_v", keys, hidden)
            if self.shape.queryKeyValueBias || self.shape.family == "qwen2" {
                self.bias(name + "self_attn.q_proj", block + "attn_q", queries, rotary: true)
                self.bias(name + "self_attn.k_proj", block + "attn_k", keys, rotary: true)
                self.bias(name + "self_attn.v_proj", block + "attn_v", keys)
            }
            if self.shape.hasHeadNorms {
                self.norm(name + "self_attn.q_norm", block + "attn_q_norm", self.shape.headSize)
                self.norm(name + "self_attn.k_norm", block + "attn_k_norm", self.shape.headSize)
            }
            self.matrix(name + "self_attn.o_proj", block + "attn_output", hidden, queries)
            if self.shape.outputBias { self.bias(name + "self_attn.o_proj", block + "attn_output", hidden) }
            self.norm(name + "post_attention_layernorm", block + "ffn_norm")
            self.matrix(name + "mlp.gate_proj", block + "ffn_gate", inner, hidden)
            self.matrix(name + "mlp.up_proj", block + "ffn_up", inner, hidden)
            self.matrix(name + "mlp.down_proj", block + "ffn_down", hidden, inner)
        }
        self.norm("model.norm", "output_norm")
        if !self.shape.tiedEmbedding { self.matrix("lm_head", "output", self.shape.vocabulary, hidden) }
        return self.result
    }

    /// A number in [-1, 1).
    private mutating func next() -> Float {
        Float(Int32(truncatingIfNeeded: self.random.next() >> 40) - (1 << 23)) / Float(1 << 23)
    }

    private mutating func norm(_ name: String, _ stored: String, _ count: Int? = nil) {
        let values = (0..<(count ?? self.shape.hidden)).map { _ in 1 + 0.1 * self.next() }
        self.vector(name + ".weight", stored + ".weight", values, stored: values)
    }

    private mutating func bias(_ name: String, _ stored: String, _ count: Int, rotary: Bool = false) {
        let values = (0..<count).map { _ in 0.5 * self.next() }
        self.vector(
            name + ".bias", stored + ".bias", values,
            stored: (0..<count).map { values[rotary ? self.rotarySource($0) : $0] })
    }

    private mutating func vector(_ name: String, _ storedName: String, _ values: [Float], stored: [Float]) {
        self.result.append(
            TinyModel.Tensor(
                name: name, rows: 1, columns: values.count, values: values,
                stored: GGUFWriter.Tensor(
                    name: storedName, dimensions: [values.count], contents: EncodedRow(stored, .f32))))
    }

    private mutating func matrix(
        _ name: String, _ stored: String, _ rows: Int, _ columns: Int, scale: Float? = nil, rotary: Bool = false
    ) {
        let scale = scale ?? (3 / Float(columns)).squareRoot()
        var values: [Float] = []
        var encodedRows: [EncodedRow] = []
        for _ in 0..<rows {
            let row = EncodedRow((0..<columns).map { _ in scale * self.next() }, self.encoding)
            values += row.values
            encodedRows.append(row)
        }
        var contents = EncodedRow([], self.encoding)
        for row in 0..<rows {
            contents.bytes += encodedRows[rotary ? self.rotarySource(row) : row].bytes
        }
        self.result.append(
            TinyModel.Tensor(
                name: name + ".weight", rows: rows, columns: columns, values: values,
                stored: GGUFWriter.Tensor(
                    name: stored + ".weight", dimensions: [columns, rows], contents: contents)))
    }

    /// The row of the Hugging Face order that a GGUF file has at `row`: halves of a head become neighbours, in some families.
    private func rotarySource(_ row: Int) -> Int {
        guard ["llama", "smollm3"].contains(self.shape.family) else { return row }
        let (head, within) = row.quotientAndRemainder(dividingBy: self.shape.headSize)
        return head * self.shape.headSize + (within % 2) * self.shape.headSize / 2 + within / 2
    }
}
