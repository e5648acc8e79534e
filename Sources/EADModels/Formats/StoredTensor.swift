/// A tensor of a model where it is stored: which bytes of which file, and how they are to be read.
struct StoredTensor: Sendable {
    /// As the file calls it.
    let name: String
    let file: MappedFile
    let encoding: TensorEncoding
    /// Whole rows, within the file.
    let bytes: Range<Int>
    /// Whether rows, or the elements of a vector, come in the rotary order of GGUF.
    let isRotary: Bool
}
