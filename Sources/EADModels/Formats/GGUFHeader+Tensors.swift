import EADCore

extension GGUFHeader {
    /// Where the parameters of a layout are.
    ///
    /// - Throws: `ModelFileError` for a file that lacks a tensor of the layout, has one of another shape, or one that
    ///   would go unused.
    func tensors(of layout: ParameterLayout, path: String) throws(ModelFileError) -> [StoredTensor] {
        var unused = Set(self.tensors.keys)
        var stored: [StoredTensor] = []
        for entry in layout.entries {
            let name = entry.gguf
            guard let tensor = self.tensors[name] else {
                throw ModelFileError(
                    .missingTensor, file: path, tensor: name, "is missing", advice: "fetch the model again")
            }
            unused.remove(name)
            var dimensions = tensor.dimensions
            while let last = dimensions.last, last == 1, dimensions.count > 1 { dimensions.removeLast() }
            let expected = entry.rows == 1 ? [entry.columns] : [entry.columns, entry.rows]
            guard dimensions == expected else {
                throw ModelFileError(
                    .wrongShape, file: path, tensor: name, type: tensor.encoding.name, offset: tensor.entryOffset,
                    "has the dimensions \(tensor.dimensions) where the metadata call for \(expected)",
                    advice: GGUFCursor.damaged)
            }
            if entry.order == .rotaryPairs, entry.isVector, tensor.encoding.blockSize > 1 {
                throw ModelFileError(
                    .unsupportedTensorType, file: path, tensor: name, type: tensor.encoding.name,
                    offset: tensor.entryOffset, "is a bias stored in blocks",
                    advice: "convert the model with F32 biases")
            }
            stored.append(
                StoredTensor(
                    name: name, file: self.file, encoding: tensor.encoding, bytes: tensor.bytes,
                    isRotary: entry.order == .rotaryPairs))
        }
        if let name = unused.min(), let tensor = self.tensors[name] {
            throw ModelFileError(
                .unexpectedTensor, file: path, tensor: name, type: tensor.encoding.name,
                offset: tensor.entryOffset, "has no place in a model of \(layout.shape.family) as implemented here",
                advice: "use a model without such a tensor")
        }
        return stored
    }
}
