/// How the matrices of an exported model are stored.
package enum ExportType: String, Hashable, Sendable, CaseIterable {
    case bf16, f16, f32
    /// GGUF only.
    case q8_0

    var encoding: TensorEncoding {
        switch self {
        case .bf16: .bf16
        case .f16: .f16
        case .f32: .f32
        case .q8_0: .q8_0
        }
    }

    /// The type of a safetensors file; nil where it has none.
    var element: SafetensorsHeader.Element? {
        switch self {
        case .bf16: .bf16
        case .f16: .f16
        case .f32: .f32
        case .q8_0: nil
        }
    }

    /// What config.json calls it.
    var torchName: String {
        switch self {
        case .bf16: "bfloat16"
        case .f16: "float16"
        case .f32, .q8_0: "float32"
        }
    }
}
