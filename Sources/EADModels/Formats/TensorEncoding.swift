import CEADTensorFormats

/// How the elements of a tensor are stored; the raw value is the type code of GGUF.
enum TensorEncoding: UInt32, CaseIterable {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q2_k = 10
    case q3_k = 11
    case q4_k = 12
    case q5_k = 13
    case q6_k = 14
    case bf16 = 30

    typealias Decoder = @convention(c) (UnsafeRawPointer?, UnsafeMutablePointer<Float>?, Int) -> Void

    /// The name that GGUF tools show.
    var name: String { self.form.name }
    /// Elements stored together; rows are whole blocks.
    var blockSize: Int { self.form.blockSize }
    /// Bytes of one block.
    var blockBytes: Int { self.form.blockBytes }
    /// Decodes whole blocks to floats.
    var decoder: Decoder { self.form.decoder }

    private struct Form {
        let name: String
        let blockSize: Int
        let blockBytes: Int
        let decoder: Decoder

        init(_ name: String, _ blockSize: Int, _ blockBytes: Int, _ decoder: Decoder) {
            self.name = name
            self.blockSize = blockSize
            self.blockBytes = blockBytes
            self.decoder = decoder
        }
    }

    private var form: Form {
        switch self {
        case .f32: Form("F32", 1, 4, ead_dequantize_f32)
        case .f16: Form("F16", 1, 2, ead_dequantize_f16)
        case .bf16: Form("BF16", 1, 2, ead_dequantize_bf16)
        case .q4_0: Form("Q4_0", 32, 18, ead_dequantize_q4_0)
        case .q4_1: Form("Q4_1", 32, 20, ead_dequantize_q4_1)
        case .q5_0: Form("Q5_0", 32, 22, ead_dequantize_q5_0)
        case .q5_1: Form("Q5_1", 32, 24, ead_dequantize_q5_1)
        case .q8_0: Form("Q8_0", 32, 34, ead_dequantize_q8_0)
        case .q2_k: Form("Q2_K", 256, 84, ead_dequantize_q2_k)
        case .q3_k: Form("Q3_K", 256, 110, ead_dequantize_q3_k)
        case .q4_k: Form("Q4_K", 256, 144, ead_dequantize_q4_k)
        case .q5_k: Form("Q5_K", 256, 176, ead_dequantize_q5_k)
        case .q6_k: Form("Q6_K", 256, 210, ead_dequantize_q6_k)
        }
    }
}
