package import EADCore
package import Foundation

/// A small random model with a byte-level vocabulary, for tests: the same bytes for the same arguments everywhere.
///
/// Token 0 is `<|endoftext|>`, 1 `<|im_start|>`, 2 `<|im_end|>`; tokens 3 to 258 are the bytes 0 to 255, then one
/// token per merge.
package struct TinyModel: Sendable {
    /// How the matrices are stored; norms and biases are F32 always.
    package enum Encoding: String, Sendable, CaseIterable {
        case f32, f16, bf16, q8_0, q4_1
    }

    /// One tensor in Hugging Face order, with the values that a reader must deliver.
    package struct Tensor: Sendable {
        /// The Hugging Face name.
        package let name: String
        package let rows: Int
        package let columns: Int
        /// `[rows, columns]`, after the loss of precision of the encoding.
        package let values: [Float]
        /// The tensor as it stands in the file.
        let stored: GGUFWriter.Tensor

        /// The same numbers under another Hugging Face name.
        package func renamed(_ name: String) -> Tensor {
            Tensor(name: name, rows: self.rows, columns: self.columns, values: self.values, stored: self.stored)
        }
    }

    package let shape: ModelShape
    package let encoding: Encoding
    package let tensors: [Tensor]
    package let vocabulary: TinyVocabulary

    /// - Parameters:
    ///   - hidden, feedForward: multiples of 32 for the encodings `q8_0` and `q4_1`.
    ///   - heads: divides `hidden`.
    package init(
        family: FamilyName = "llama", layers: Int = 2, hidden: Int = 64, feedForward: Int = 96, heads: Int = 4,
        keyValueHeads: Int = 2, contextLength: Int = 256, tiedEmbedding: Bool = true, queryKeyValueBias: Bool = false,
        outputBias: Bool = false, ropeDivisors: [Float] = [], encoding: Encoding = .f32, seed: UInt64 = 1
    ) {
        precondition(hidden % heads == 0 && heads % keyValueHeads == 0, "heads share the hidden size evenly")
        self.vocabulary = TinyVocabulary()
        self.encoding = encoding
        self.shape = ModelShape(
            family: family, layers: layers, hidden: hidden, feedForward: feedForward, heads: heads,
            keyValueHeads: keyValueHeads,
            headSize: hidden / heads, vocabulary: self.vocabulary.tokens.count, contextLength: contextLength,
            ropeBase: 10_000, normEpsilon: 1e-5, tiedEmbedding: tiedEmbedding, queryKeyValueBias: queryKeyValueBias,
            outputBias: outputBias, ropeDivisors: ropeDivisors,
            unrotatedLayers: family == "smollm3" ? (0..<layers).filter { $0 % 4 == 3 } : [])
        var builder = TensorBuilder(shape: self.shape, encoding: encoding, seed: seed)
        self.tensors = builder.build()
    }

    /// All weights in the order in which checkpoints of this shape hold them.
    package var parameters: [Float] { self.tensors.flatMap(\.values) }

    /// The GGUF file.
    package func encoded() -> Data {
        var writer = GGUFWriter()
        let family = self.shape.family.rawValue
        writer.add("general.architecture", .text(self.shape.family.rawValue))
        writer.add("general.name", .text("tiny"))
        writer.add(family + ".block_count", .uint32(self.shape.layers))
        writer.add(family + ".context_length", .uint32(self.shape.contextLength))
        writer.add(family + ".embedding_length", .uint32(self.shape.hidden))
        writer.add(family + ".feed_forward_length", .uint32(self.shape.feedForward))
        writer.add(family + ".attention.head_count", .uint32(self.shape.heads))
        writer.add(family + ".attention.head_count_kv", .uint32(self.shape.keyValueHeads))
        writer.add(family + ".rope.freq_base", .float32(self.shape.ropeBase))
        writer.add(family + ".rope.dimension_count", .uint32(self.shape.headSize))
        writer.add(family + ".attention.layer_norm_rms_epsilon", .float32(self.shape.normEpsilon))
        writer.add(family + ".vocab_size", .uint32(self.shape.vocabulary))
        writer.add("tokenizer.ggml.model", .text("gpt2"))
        writer.add("tokenizer.ggml.pre", .text("smollm"))
        writer.add("tokenizer.ggml.tokens", .texts(self.vocabulary.tokens))
        writer.add("tokenizer.ggml.token_type", .int32s(self.vocabulary.types))
        writer.add("tokenizer.ggml.merges", .texts(self.vocabulary.merges))
        writer.add("tokenizer.ggml.unknown_token_id", .uint32(0))
        writer.add("tokenizer.ggml.bos_token_id", .uint32(1))
        writer.add("tokenizer.ggml.eos_token_id", .uint32(2))
        writer.add("tokenizer.ggml.padding_token_id", .uint32(2))
        writer.add("tokenizer.chat_template", .text(TinyVocabulary.chatTemplate))
        let divisors = self.shape.ropeDivisors
        let rope = GGUFWriter.Tensor(
            name: "rope_freqs.weight", dimensions: [divisors.count], contents: EncodedRow(divisors, .f32))
        return writer.encoded(tensors: (divisors.isEmpty ? [] : [rope]) + self.tensors.map(\.stored))
    }

    /// Writes the GGUF file of a model and returns the model.
    @discardableResult
    package static func write(
        to path: String, family: FamilyName = "llama", layers: Int = 2, hidden: Int = 64, feedForward: Int = 96,
        heads: Int = 4,
        keyValueHeads: Int = 2, contextLength: Int = 256, tiedEmbedding: Bool = true, queryKeyValueBias: Bool = false,
        encoding: Encoding = .f32, seed: UInt64 = 1
    ) throws -> TinyModel {
        let model = TinyModel(
            family: family, layers: layers, hidden: hidden, feedForward: feedForward, heads: heads,
            keyValueHeads: keyValueHeads,
            contextLength: contextLength, tiedEmbedding: tiedEmbedding, queryKeyValueBias: queryKeyValueBias,
            encoding: encoding, seed: seed)
        try model.encoded().write(to: URL(fileURLWithPath: path))
        return model
    }
}
