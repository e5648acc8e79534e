import EADCore
import EADModels
package import Foundation

extension TinyModel {
    /// One file of safetensors, with the tensors given.
    package static func safetensors(_ tensors: [Tensor], _ encoding: Encoding) -> Data {
        var header: [String] = [#""__metadata__":{"format":"pt"}"#]
        var data = Data()
        for tensor in tensors {
            // Vectors are in 32 bits always, as in the GGUF file.
            let row = EncodedRow(tensor.values, tensor.rows == 1 ? .f32 : encoding)
            let shape = tensor.rows == 1 ? "\(tensor.columns)" : "\(tensor.rows),\(tensor.columns)"
            let type = [0: "F32", 1: "F16", 30: "BF16"][row.type] ?? "U8"
            header.append(
                #""\#(tensor.name)":{"dtype":"\#(type)","shape":[\#(shape)],"#
                    + #""data_offsets":[\#(data.count),\#(data.count + row.bytes.count)]}"#)
            data += row.bytes
        }
        let json = Data("{\(header.joined(separator: ","))}".utf8)
        return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json + data
    }

    /// The members of config.json, as transformers 4 spells them.
    package var configuration: [String: Any] {
        var members: [String: Any] = [
            "model_type": self.shape.family.rawValue, "vocab_size": self.shape.vocabulary,
            "hidden_size": self.shape.hidden, "intermediate_size": self.shape.feedForward,
            "num_hidden_layers": self.shape.layers, "num_attention_heads": self.shape.heads,
            "num_key_value_heads": self.shape.keyValueHeads, "head_dim": self.shape.headSize,
            "hidden_act": "silu", "rms_norm_eps": Double(self.shape.normEpsilon.description) ?? 0,
            "rope_theta": Double(self.shape.ropeBase),
            "max_position_embeddings": self.shape.contextLength, "tie_word_embeddings": self.shape.tiedEmbedding,
            "torch_dtype": "float32", "bos_token_id": 1, "eos_token_id": 2, "use_cache": true,
        ]
        if self.shape.family != "llama" { members["use_sliding_window"] = false }
        if self.shape.outputBias { members["attention_bias"] = true }
        return members
    }

    /// Writes the model as a directory of Hugging Face: config.json and safetensors, without a tokenizer.
    ///
    /// - Parameters:
    ///   - shards: In how many files; in one, there is no index.
    ///   - change: A last word about config.json.
    package func writeDirectory(
        to path: String, shards: Int = 1, change: (inout [String: Any]) -> Void = { _ in }
    ) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        func write(_ data: Data, _ name: String) throws { try data.write(to: URL(fileURLWithPath: path + "/" + name)) }
        var members = self.configuration
        change(&members)
        try write(JSONSerialization.data(withJSONObject: members), "config.json")
        guard shards > 1 else {
            try write(Self.safetensors(self.tensors, self.encoding), "model.safetensors")
            return
        }
        var places: [String: String] = [:]
        for shard in 0..<shards {
            let name = "model-0000\(shard + 1)-of-0000\(shards).safetensors"
            let range = self.tensors.count * shard / shards..<self.tensors.count * (shard + 1) / shards
            for tensor in self.tensors[range] { places[tensor.name] = name }
            try write(Self.safetensors(Array(self.tensors[range]), self.encoding), name)
        }
        let index: [String: Any] = ["metadata": ["total_size": 0], "weight_map": places]
        try write(JSONSerialization.data(withJSONObject: index), "model.safetensors.index.json")
    }
}
