import EADCore

extension HuggingFaceDirectory {
    /// A tensor of one of the files, before anybody asked for it.
    private struct Found {
        let file: MappedFile
        let element: SafetensorsHeader.Element
        let shape: [Int]
        let bytes: Range<Int>
    }

    /// Where the parameters of a layout are, in one file or in those that the index names.
    ///
    /// - Throws: `ModelFileError` for files that lack a tensor of the layout, have one of another shape, have one twice,
    ///   or one that would go unused.
    func tensors(of layout: ParameterLayout) throws(ModelFileError) -> [StoredTensor] {
        var found = try self.found()
        var stored: [StoredTensor] = []
        for entry in layout.entries {
            guard let tensor = found.removeValue(forKey: entry.name) else {
                throw ModelFileError(
                    .missingTensor, file: self.path, tensor: entry.name, "is missing",
                    advice: "fetch the model again; config.json calls for this tensor")
            }
            guard tensor.shape == entry.huggingFaceShape else {
                throw ModelFileError(
                    .wrongShape, file: tensor.file.path, tensor: entry.name, type: tensor.element.rawValue,
                    "has the shape \(tensor.shape) where config.json calls for \(entry.huggingFaceShape)",
                    advice: "fetch the model again; its files do not belong together")
            }
            stored.append(
                StoredTensor(
                    name: entry.name, file: tensor.file, encoding: TensorEncoding(tensor.element),
                    bytes: tensor.bytes, isRotary: false))
        }
        try self.checkRest(found, layout, stored)
        return stored
    }

    /// Refuses what would go unused, except what says the same once more.
    private func checkRest(
        _ rest: [String: Found], _ layout: ParameterLayout, _ stored: [StoredTensor]
    ) throws(ModelFileError) {
        let derived = Family(named: layout.shape.family)?.configuration.derivedTensors ?? []
        let expected = Set(
            derived.flatMap { name in (0..<layout.shape.layers).map { name.replacing("*", with: "\($0)") } })
        for (name, tensor) in rest.sorted(by: { $0.key < $1.key }) where !expected.contains(name) {
            guard name == "lm_head.weight", layout.shape.tiedEmbedding, let embedding = stored.first else {
                throw ModelFileError(
                    .unexpectedTensor, file: tensor.file.path, tensor: name, type: tensor.element.rawValue,
                    "has no place in a model of \(layout.shape.family) as config.json describes it",
                    advice: "use a model without such a tensor")
            }
            guard TensorEncoding(tensor.element) == embedding.encoding,
                tensor.file.bytes[tensor.bytes].elementsEqual(embedding.file.bytes[embedding.bytes])
            else {
                throw ModelFileError(
                    .unexpectedTensor, file: tensor.file.path, tensor: name, type: tensor.element.rawValue,
                    "is not the embedding, which config.json says it is (tie_word_embeddings)",
                    advice: "set tie_word_embeddings to false if the head is one of its own")
            }
        }
    }

    /// Every tensor of the weights by name.
    private func found() throws(ModelFileError) -> [String: Found] {
        if self.has(Self.weightsFile) { return try self.found(in: Self.weightsFile) }
        guard self.has(Self.indexFile) else {
            throw ModelFileError(
                .unreadable, file: self.path, "has neither \(Self.weightsFile) nor \(Self.indexFile)",
                advice: "fetch the weights in safetensors; other formats are not read")
        }
        let places = try self.index()
        var found: [String: Found] = [:]
        for shard in Set(places.values).sorted() {
            for (name, tensor) in try self.found(in: shard) {
                guard let place = places[name] else {
                    throw self.fault(.unexpectedTensor, shard, name, "is not in \(Self.indexFile)")
                }
                guard place == shard else {
                    throw self.fault(
                        .malformed, shard, name, "is here too, although \(Self.indexFile) says it is in \(place)")
                }
                found[name] = tensor
            }
        }
        if let name = places.keys.filter({ found[$0] == nil }).min() {
            throw self.fault(
                .missingTensor, places[name] ?? Self.indexFile, name,
                "is not in the file where \(Self.indexFile) says it is")
        }
        return found
    }

    private func fault(
        _ code: ModelFileError.Code, _ file: String, _ tensor: String, _ message: String
    ) -> ModelFileError {
        ModelFileError(
            code, file: self.place(file), tensor: tensor, message,
            advice: "fetch the model again; its files do not belong together")
    }

    /// The file of each tensor, from the index.
    private func index() throws(ModelFileError) -> [String: String] {
        let index = try JSONFile(object: self.place(Self.indexFile))
        guard case .object(let map)? = index.value["weight_map"] else {
            throw index.malformed("has no object weight_map")
        }
        var places: [String: String] = [:]
        for (name, value) in map.map({ ($0.key, $0.value) }) {
            guard case .text(let file) = value else { throw index.malformed("gives no file for tensor \(name)") }
            // A name, not a path: what an index names lies beside it.
            guard file.hasSuffix(".safetensors"), !file.hasPrefix("."), !file.utf8.contains(UInt8(ascii: "/")),
                !file.utf8.contains(0)
            else {
                throw index.malformed(
                    "names \"\(file)\" for tensor \(name), which is no safetensors file of this directory")
            }
            places[name] = file
        }
        guard !places.isEmpty else { throw index.malformed("names no tensors") }
        return places
    }

    /// The tensors of one file.
    private func found(in name: String) throws(ModelFileError) -> [String: Found] {
        let file = try MappedFile(path: self.place(name))
        let header: SafetensorsHeader
        let start: Int
        do throws(SafetensorsHeader.Fault) {
            (header, start) = try SafetensorsHeader.front(of: file.bytes)
        } catch {
            throw ModelFileError(
                error.code, file: file.path, tensor: error.tensor, error.message, advice: GGUFCursor.damaged)
        }
        var found: [String: Found] = [:]
        for tensor in header.tensors {
            found[tensor.name] = Found(
                file: file, element: tensor.element, shape: tensor.shape,
                bytes: start + tensor.range.lowerBound..<start + tensor.range.upperBound)
        }
        return found
    }
}

extension SafetensorsHeader {
    /// The header of a whole file, and where its data begin.
    fileprivate static func front(of bytes: UnsafeRawBufferPointer) throws(Fault) -> (SafetensorsHeader, Int) {
        guard bytes.count >= Self.prefix else { throw Fault(.truncated, "is shorter than a safetensors file") }
        let length = try Self.length(prefix: Array(bytes[..<Self.prefix]), fileLength: bytes.count)
        let start = Self.prefix + length
        return (
            try SafetensorsHeader(json: Array(bytes[Self.prefix..<start]), dataSize: bytes.count - start), start
        )
    }
}

extension TensorEncoding {
    fileprivate init(_ element: SafetensorsHeader.Element) {
        switch element {
        case .f32: self = .f32
        case .f16: self = .f16
        case .bf16: self = .bf16
        }
    }
}
