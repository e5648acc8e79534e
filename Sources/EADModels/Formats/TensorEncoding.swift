import CEADTensorFormats

/// How the elements of a tensor are stored; the raw value is the type code of GGUF.
enum TensorEncoding: UInt32, CaseIterable {
    case f32 = 0
    case f16 = 1
    case q4_1 = 3
    case q8_0 = 8
    case bf16 = 30

    /// The name that GGUF tools show.
    var name: String {
        switch self {
        case .f32: "F32"
        case .f16: "F16"
        case .q4_1: "Q4_1"
        case .q8_0: "Q8_0"
        case .bf16: "BF16"
        }
    }

    /// Elements stored together; rows are whole blocks.
    var blockSize: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q4_1, .q8_0: 32
        }
    }

    /// Bytes of one block.
    var blockBytes: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q4_1: 20
        case .q8_0: 34
        }
    }

    /// Decodes one row of whole blocks to floats.
    var decoder: @convention(c) (UnsafeRawPointer?, UnsafeMutablePointer<Float>?, Int) -> Void {
        switch self {
        case .f32: ead_dequantize_f32
        case .f16: ead_dequantize_f16
        case .q4_1: ead_dequantize_q4_1
        case .q8_0: ead_dequantize_q8_0
        case .bf16: ead_dequantize_bf16
        }
    }
}
