import EADCore

extension GGUFHeader {
    static let ropeDivisors = "rope_freqs.weight"

    /// What the frequency of each rotary pair is divided by; empty in a file that does not stretch positions.
    func ropeDivisors(headSize: Int) throws(ModelFileError) -> [Float] {
        guard let tensor = self.tensors[Self.ropeDivisors] else { return [] }
        func fault(_ code: ModelFileError.Code, _ message: String) -> ModelFileError {
            ModelFileError(
                code, file: self.file.path, tensor: tensor.name, type: tensor.encoding.name,
                offset: tensor.entryOffset, message, advice: GGUFCursor.damaged)
        }
        guard tensor.encoding == .f32, tensor.dimensions.reduce(1, *) == headSize / 2 else {
            throw fault(.wrongShape, "has \(tensor.dimensions) elements where F32 for \(headSize / 2) pairs are needed")
        }
        let divisors = (0..<headSize / 2).map {
            self.file.bytes.loadUnaligned(fromByteOffset: tensor.bytes.lowerBound + 4 * $0, as: Float.self)
        }
        guard divisors.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw fault(.nonFiniteWeight, "divides a frequency by what is not a finite number above zero")
        }
        return divisors.allSatisfy { $0 == 1 } ? [] : divisors
    }

    /// Where the parameters of a layout are.
    ///
    /// - Throws: `ModelFileError` for a file that lacks a tensor of the layout, has one of another shape, or one that
    ///   would go unused.
    func tensors(of layout: ParameterLayout, path: String) throws(ModelFileError) -> [StoredTensor] {
        var unused = Set(self.tensors.keys).subtracting([Self.ropeDivisors])
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
