/// What a token of a GGUF vocabulary is, in `tokenizer.ggml.token_type`.
enum GGUFTokenType: Int32 {
    case normal = 1
    case unknown, control, userDefined, unused, byte
}
