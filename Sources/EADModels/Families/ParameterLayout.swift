package import EADCore

/// The order and place of every parameter in one flat array: the form in which weights are trained, published,
/// hashed and saved.
///
/// Names and row-major shapes are those of Hugging Face checkpoints (rotate-half RoPE, q and k rows not permuted); the
/// order is that of the family's tensors, with those of a layer once for each layer.
package struct ParameterLayout: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package let part: TensorPart
        /// Nil for a tensor that is there once.
        package let layer: Int?
        /// Hugging Face's name.
        package let name: String
        /// The name in GGUF files, and in what order they have the rows.
        let gguf: String
        let order: TensorDescription.GGUFOrder
        /// `[rows, columns]`; a vector has one row.
        package let rows: Int
        package let columns: Int
        /// Whether it is a norm or a bias, `[columns]`, rather than a matrix.
        package let isVector: Bool
        /// First element in the flat array.
        package let offset: Int
        package var count: Int { self.rows * self.columns }
        package var range: Range<Int> { self.offset..<self.offset + self.count }
    }

    package let shape: ModelShape
    package let entries: [Entry]
    /// Elements of the flat array.
    package let count: Int

    package init(_ shape: ModelShape) {
        guard let family = Family(named: shape.family) else {
            preconditionFailure("no family is called \(shape.family): whoever makes a shape has looked it up")
        }
        var entries: [Entry] = []
        var offset = 0
        func add(_ tensor: TensorDescription, layer: Int?) {
            if let option = tensor.option, !shape[keyPath: option] { return }
            func named(_ pattern: String) -> String {
                guard let layer, let mark = pattern.firstIndex(of: "*") else { return pattern }
                return pattern[..<mark] + "\(layer)" + pattern[pattern.index(after: mark)...]
            }
            let entry = Entry(
                part: tensor.part, layer: layer, name: named(tensor.huggingFace), gguf: named(tensor.gguf),
                order: tensor.order, rows: tensor.rows.map { shape[keyPath: $0] } ?? 1,
                columns: shape[keyPath: tensor.columns], isVector: tensor.rows == nil, offset: offset)
            entries.append(entry)
            offset += entry.count
        }
        let first = family.tensors.firstIndex(where: \.isPerLayer) ?? family.tensors.endIndex
        let block = family.tensors[first...].prefix(while: \.isPerLayer)
        let rest = family.tensors[block.endIndex...]
        precondition(!rest.contains(where: \.isPerLayer), "the tensors of a layer stand together")
        for tensor in family.tensors[..<first] { add(tensor, layer: nil) }
        for layer in 0..<shape.layers {
            for tensor in block { add(tensor, layer: layer) }
        }
        for tensor in rest { add(tensor, layer: nil) }
        self.shape = shape
        self.entries = entries
        self.count = offset
    }

    /// The entry of that name, nil when the model has none.
    package subscript(name: String) -> Entry? { self.entries.first { $0.name == name } }
}
