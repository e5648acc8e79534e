/// Everything in a GGUF file before the tensor data: metadata and the place of each tensor, checked against the file.
struct GGUFHeader {
    struct Tensor {
        let name: String
        let encoding: TensorEncoding
        /// Elements per dimension, the contiguous one first.
        let dimensions: [Int]
        /// Where its data are in the file.
        let bytes: Range<Int>
        /// Where its description is in the file.
        let entryOffset: Int
    }

    private(set) var metadata: [String: GGUFValue] = [:]
    private(set) var tensors: [String: Tensor] = [:]
    /// Every tensor starts at a multiple of this many bytes.
    private(set) var alignment = 32
    let file: MappedFile

    private static let magic: UInt32 = 0x4655_4747
    private static let version: UInt32 = 3

    init(_ file: MappedFile) throws(ModelFileError) {
        self.file = file
        var cursor = GGUFCursor(file)
        let magic = try cursor.read(UInt32.self, "the magic number")
        guard magic == Self.magic else {
            throw ModelFileError(
                .notGGUF, file: file.path, offset: 0, "does not begin with the letters GGUF",
                advice: "name a GGUF file, or a directory with config.json and safetensors")
        }
        let version = try cursor.read(UInt32.self, "the version")
        guard version == Self.version else {
            throw ModelFileError(
                .unsupportedVersion, file: file.path, offset: 4, "is of GGUF version \(version)",
                advice: "only little-endian version \(Self.version) is read: convert the file")
        }
        // A tensor description takes at least 32 bytes, a metadata pair at least 13.
        let tensorCount = try cursor.readCount(unit: 32, "the number of tensors")
        let metadataCount = try cursor.readCount(unit: 13, "the number of metadata values")
        for index in 0..<metadataCount {
            try self.readMetadata(index, &cursor)
        }
        try self.readAlignment()
        try self.readTensors(tensorCount, &cursor)
        try self.rejectOverlaps()
    }

    private mutating func readMetadata(_ index: Int, _ cursor: inout GGUFCursor) throws(ModelFileError) {
        let start = cursor.offset
        let key = try cursor.readString("the key of metadata value \(index)")
        let type = try cursor.readValueType("metadata \(key)")
        let value = try cursor.readValue(type, "metadata \(key)")
        guard self.metadata.updateValue(value, forKey: key) == nil else {
            throw ModelFileError(
                .malformed, file: self.file.path, offset: start, "metadata \(key) occurs twice",
                advice: GGUFCursor.damaged)
        }
    }

    private mutating func readAlignment() throws(ModelFileError) {
        guard let value = self.metadata["general.alignment"] else { return }
        guard let alignment = value.integer, (1...(1 << 20)).contains(alignment), alignment.nonzeroBitCount == 1 else {
            throw ModelFileError(
                .badMetadata, file: self.file.path, "general.alignment is not a power of two up to 2^20",
                advice: GGUFCursor.damaged)
        }
        self.alignment = alignment
    }

    /// What the file says of one tensor, before its data are located.
    private struct Description {
        let name: String
        let encoding: TensorEncoding
        let dimensions: [Int]
        let byteCount: Int
        let dataOffset: UInt64
        let entryOffset: Int
    }

    private mutating func readTensors(_ count: Int, _ cursor: inout GGUFCursor) throws(ModelFileError) {
        var descriptions: [Description] = []
        for index in 0..<count {
            descriptions.append(try self.readDescription(index, &cursor))
        }
        // No overflow: the offset is within the file and the alignment at most 2^20.
        let dataStart = (cursor.offset + self.alignment - 1) & ~(self.alignment - 1)
        for description in descriptions {
            let tensor = try self.locate(description, dataStart: dataStart)
            guard self.tensors.updateValue(tensor, forKey: tensor.name) == nil else {
                throw self.fault(.malformed, description, "occurs twice")
            }
        }
    }

    private func readDescription(_ index: Int, _ cursor: inout GGUFCursor) throws(ModelFileError) -> Description {
        let start = cursor.offset
        let name = try cursor.readString("the name of tensor \(index)")
        func fault(_ code: ModelFileError.Code, _ message: String, _ advice: String) -> ModelFileError {
            ModelFileError(code, file: self.file.path, tensor: name, offset: start, message, advice: advice)
        }
        let rank = try cursor.read(UInt32.self, "the rank of tensor \(name)")
        guard (1...4).contains(rank) else {
            throw fault(.implausible, "has \(rank) dimensions", GGUFCursor.damaged)
        }
        var dimensions: [Int] = []
        var elements = 1
        for _ in 0..<rank {
            let size = try cursor.read(UInt64.self, "the dimensions of tensor \(name)")
            guard let dimension = Int(exactly: size), dimension > 0,
                case (let product, false) = elements.multipliedReportingOverflow(by: dimension)
            else {
                throw fault(.implausible, "has a dimension of \(size)", GGUFCursor.damaged)
            }
            elements = product
            dimensions.append(dimension)
        }
        let code = try cursor.read(UInt32.self, "the type of tensor \(name)")
        guard let encoding = TensorEncoding(rawValue: code) else {
            let known = TensorEncoding.allCases.map(\.name).joined(separator: ", ")
            throw fault(.unsupportedTensorType, "is of GGUF type \(code)", "use a file with only \(known)")
        }
        guard dimensions[0] % encoding.blockSize == 0 else {
            throw fault(
                .wrongShape, "has rows of \(dimensions[0]) elements, not whole blocks of \(encoding.blockSize)",
                GGUFCursor.damaged)
        }
        let byteCount = (elements / encoding.blockSize).multipliedReportingOverflow(by: encoding.blockBytes)
        guard !byteCount.overflow else {
            throw fault(.implausible, "has \(elements) elements", GGUFCursor.damaged)
        }
        let dataOffset = try cursor.read(UInt64.self, "the offset of tensor \(name)")
        return Description(
            name: name, encoding: encoding, dimensions: dimensions, byteCount: byteCount.partialValue,
            dataOffset: dataOffset, entryOffset: start)
    }

    private func locate(_ description: Description, dataStart: Int) throws(ModelFileError) -> Tensor {
        guard description.dataOffset % UInt64(self.alignment) == 0 else {
            throw self.fault(
                .misplacedTensor, description,
                "its data begin at \(description.dataOffset), not a multiple of \(self.alignment)")
        }
        let start = dataStart.addingReportingOverflow(Int(clamping: description.dataOffset))
        let end = start.partialValue.addingReportingOverflow(description.byteCount)
        guard !start.overflow, !end.overflow, end.partialValue <= self.file.bytes.count else {
            throw self.fault(
                .misplacedTensor, description,
                "its \(description.byteCount) bytes from \(description.dataOffset) after \(dataStart) lie beyond the "
                    + "end of the file at \(self.file.bytes.count)")
        }
        return Tensor(
            name: description.name, encoding: description.encoding, dimensions: description.dimensions,
            bytes: start.partialValue..<end.partialValue, entryOffset: description.entryOffset)
    }

    private func fault(
        _ code: ModelFileError.Code, _ description: Description, _ message: String
    ) -> ModelFileError {
        ModelFileError(
            code, file: self.file.path, tensor: description.name, type: description.encoding.name,
            offset: description.entryOffset, message, advice: GGUFCursor.damaged)
    }

    private func rejectOverlaps() throws(ModelFileError) {
        let ordered = self.tensors.values.sorted { $0.bytes.lowerBound < $1.bytes.lowerBound }
        for (tensor, next) in zip(ordered, ordered.dropFirst()) where next.bytes.lowerBound < tensor.bytes.upperBound {
            throw ModelFileError(
                .misplacedTensor, file: self.file.path, tensor: next.name, type: next.encoding.name,
                offset: next.bytes.lowerBound, "its data overlap those of \(tensor.name)", advice: GGUFCursor.damaged)
        }
    }
}
