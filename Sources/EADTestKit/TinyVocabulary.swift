/// A byte-level vocabulary: three control tokens, the 256 bytes, and a few merges.
package struct TinyVocabulary: Sendable {
    package let tokens: [String]
    /// Token types of GGUF: 3 control, 1 normal.
    package let types: [Int32]
    package let merges: [String]

    static let controlTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

    /// The template of SmolLM2's model card, by which readers recognise the chat format.
    static let chatTemplate =
        "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
        + "{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}"
        + "{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
        + "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"

    init() {
        let merges = [
            "Ġ t", "Ġ a", "h e", "i n", "r e", "o n", "Ġt he", "e r", "Ġ =", "Ġ +", "a n", "Ġ s", "Ġa n", "Ġan d",
            "o u", "Ġ -", "n d", "an s", "w er", "ans wer",
        ]
        self.merges = merges
        self.tokens =
            Self.controlTokens + Self.byteCharacters.map { String($0) }
            + merges.map { String($0.filter { $0 != " " }) }
        self.types = self.tokens.indices.map { $0 < Self.controlTokens.count ? 3 : 1 }
    }

    /// The characters that stand for the bytes 0 to 255 in byte-level vocabularies: printable Latin-1 for itself, the
    /// rest from U+0100 upwards.
    static let byteCharacters: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (UInt8.min...UInt8.max).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
            default:
                defer { next += 1 }
                return Unicode.Scalar(next) ?? "?"
            }
        }
    }()
}
