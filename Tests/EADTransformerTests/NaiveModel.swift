import EADCore
import EADEngine
import EADModels
import Foundation

@testable import EADTransformer

/// The forward pass written down once more, in double precision and without any cleverness: the reference for shapes
/// that no published model has.
struct NaiveModel {
    let shape: ModelShape
    let layout: ParameterLayout
    var parameters: [Double]

    init(_ model: TestModel) {
        self.shape = model.shape
        self.layout = ParameterLayout(model.shape)
        self.parameters = model.parameters.map { Double($0) }
    }

    /// Sum of `count` products. Pointers and a plain loop: ranges and closures take ten times as long in debug builds.
    private static func dot(
        _ a: [Double], _ aStart: Int, _ b: [Double], _ bStart: Int, _ count: Int
    ) -> Double {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                guard let a = a.baseAddress, let b = b.baseAddress else { return 0 }
                var sum = 0.0
                var index = 0
                while index < count {
                    sum += a[aStart + index] * b[bStart + index]
                    index += 1
                }
                return sum
            }
        }
    }

    private func product(_ name: String, _ x: [Double]) -> [Double] {
        guard let entry = self.layout[name] else { preconditionFailure(name) }
        let bias = self.layout[name.replacingOccurrences(of: ".weight", with: ".bias")]
        return (0..<entry.rows).map { row in
            Self.dot(self.parameters, entry.offset + row * entry.columns, x, 0, entry.columns)
                + (bias.map { self.parameters[$0.offset + row] } ?? 0)
        }
    }

    private func norm(_ name: String, _ x: [Double]) -> [Double] {
        guard let entry = self.layout[name] else { preconditionFailure(name) }
        let square = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
        let scale = 1 / (square + Double(self.shape.normEpsilon)).squareRoot()
        return x.indices.map { x[$0] * scale * self.parameters[entry.offset + $0] }
    }

    /// Each head of a query or key, normalised where the model has a norm for it.
    private func normedHeads(_ name: String, _ x: [Double]) -> [Double] {
        guard self.layout[name] != nil else { return x }
        return stride(from: 0, to: x.count, by: self.shape.headSize).flatMap {
            self.norm(name, Array(x[$0..<$0 + self.shape.headSize]))
        }
    }

    private func rotated(_ x: [Double], position: Int, layer: Int) -> [Double] {
        if self.shape.unrotatedLayers.contains(layer) { return x }
        let half = self.shape.headSize / 2
        var y = x
        for head in stride(from: 0, to: x.count, by: self.shape.headSize) {
            for i in 0..<half {
                let power = -2 * Double(i) / Double(self.shape.headSize)
                let divisor = self.shape.ropeDivisors.isEmpty ? 1 : Double(self.shape.ropeDivisors[i])
                let angle = Double(position) * pow(Double(self.shape.ropeBase), power) / divisor
                let a = x[head + i]
                let b = x[head + i + half]
                y[head + i] = a * cos(angle) - b * sin(angle)
                y[head + i + half] = b * cos(angle) + a * sin(angle)
            }
        }
        return y
    }

    /// Logits `[position][vocabulary]`.
    func logits(_ tokens: [TokenID]) -> [[Double]] {
        guard let embedding = self.layout["model.embed_tokens.weight"] else { preconditionFailure("embedding") }
        let size = self.shape.headSize
        var x = tokens.map { token in
            let start = embedding.offset + Int(token) * embedding.columns
            return Array(self.parameters[start..<start + embedding.columns])
        }
        for layer in 0..<self.shape.layers {
            let prefix = "model.layers.\(layer)."
            let normed = x.map { self.norm(prefix + "input_layernorm.weight", $0) }
            func heads(_ name: String) -> [[Double]] {
                normed.enumerated().map { position, x in
                    let projected = self.product(prefix + "self_attn.\(name)_proj.weight", x)
                    let scaled = self.normedHeads(prefix + "self_attn.\(name)_norm.weight", projected)
                    return self.rotated(scaled, position: position, layer: layer)
                }
            }
            let q = heads("q")
            let k = heads("k")
            let v = normed.map { self.product(prefix + "self_attn.v_proj.weight", $0) }
            // Values by column, over positions.
            let columns = (0..<self.shape.keyValueHeads * size).map { column in v.map { $0[column] } }
            for position in tokens.indices {
                var mixed = [Double](repeating: 0, count: self.shape.heads * size)
                for head in 0..<self.shape.heads {
                    let shared = head / (self.shape.heads / self.shape.keyValueHeads)
                    let scores = (0...position).map { key in
                        Self.dot(q[position], head * size, k[key], shared * size, size) / Double(size).squareRoot()
                    }
                    let peak = scores.max() ?? 0
                    let weights = scores.map { exp($0 - peak) }
                    let total = weights.reduce(0, +)
                    for d in 0..<size {
                        mixed[head * size + d] =
                            Self.dot(weights, 0, columns[shared * size + d], 0, weights.count) / total
                    }
                }
                let out = self.product(prefix + "self_attn.o_proj.weight", mixed)
                for d in out.indices { x[position][d] += out[d] }
            }
            for position in tokens.indices {
                let normed = self.norm(prefix + "post_attention_layernorm.weight", x[position])
                let gate = self.product(prefix + "mlp.gate_proj.weight", normed)
                let up = self.product(prefix + "mlp.up_proj.weight", normed)
                let down = self.product(
                    prefix + "mlp.down_proj.weight", zip(gate, up).map { $0 / (1 + exp(-$0)) * $1 })
                for d in down.indices { x[position][d] += down[d] }
            }
        }
        let head = self.shape.tiedEmbedding ? "model.embed_tokens.weight" : "lm_head.weight"
        return x.map { self.product(head, self.norm("model.norm.weight", $0)) }
    }

    /// The entropy at each token of each response, summed with its coefficient.
    func entropy(_ group: TrainingGroup, _ coefficients: [[Float]]) -> Double {
        var sum = 0.0
        for (response, coefficient) in zip(group.responses, coefficients) {
            let rows = self.logits(group.promptTokens + response.dropLast()).suffix(response.count)
            for (row, c) in zip(rows, coefficient) {
                let peak = row.max() ?? 0
                let total = log(row.reduce(0) { $0 + exp($1 - peak) }) + peak
                sum -= Double(c) * row.reduce(0) { $0 + exp($1 - total) * ($1 - total) }
            }
        }
        return sum
    }

    /// log pi of each token of each response, summed with its coefficient.
    func objective(_ group: TrainingGroup, _ coefficients: [[Float]]) -> Double {
        var sum = 0.0
        for (response, coefficient) in zip(group.responses, coefficients) {
            let rows = self.logits(group.promptTokens + response.dropLast()).suffix(response.count)
            for ((row, token), c) in zip(zip(rows, response), coefficient) {
                let peak = row.max() ?? 0
                sum += Double(c) * (row[Int(token)] - peak - log(row.reduce(0) { $0 + exp($1 - peak) }))
            }
        }
        return sum
    }
}
