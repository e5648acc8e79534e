import CEADTensorFormats
import EADCore

/// A tensor of a model as a file is to hold it.
struct WrittenTensor {
    let name: String
    /// `[rows, columns]`, or the elements of a vector.
    let shape: [Int]
    let encoding: TensorEncoding
    /// Where its elements are among the parameters; nil for those that follow from the shape.
    let entry: ParameterLayout.Entry?
    /// The elements of one that is no parameter.
    let elements: [Float]
    /// Above 0: rows, or the elements of a vector, are written in the rotary order of heads of this size.
    let rotary: Int

    init(_ entry: ParameterLayout.Entry, name: String, _ encoding: TensorEncoding, rotary: Int = 0) {
        self.name = name
        self.shape = entry.huggingFaceShape
        self.encoding = encoding
        self.entry = entry
        self.elements = []
        self.rotary = rotary
    }

    init(name: String, _ elements: [Float]) {
        self.name = name
        self.shape = [elements.count]
        self.encoding = .f32
        self.entry = nil
        self.elements = elements
        self.rotary = 0
    }

    private var count: Int { self.shape.reduce(1, *) }
    var byteCount: Int { self.count / self.encoding.blockSize * self.encoding.blockBytes }

    /// Calls `body` with the bytes, some rows at a time.
    ///
    /// - Parameter parameters: All of the model, in the order of its layout.
    func forEachPiece<Failure: Error>(
        of parameters: UnsafeBufferPointer<Float>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let rows = self.shape.count == 2 ? self.shape[0] : self.rotary > 0 ? self.count : 1
        let columns = self.count / rows
        let rowBytes = columns / self.encoding.blockSize * self.encoding.blockBytes
        let perPiece = max(1, min(rows, (1 << 20) / max(rowBytes, 1)))
        var piece = [UInt8](repeating: 0, count: perPiece * rowBytes)
        var first = 0
        while first < rows {
            let count = min(perPiece, rows - first)
            for row in first..<first + count {
                self.encode(row: row, columns, parameters, into: &piece, at: (row - first) * rowBytes)
            }
            try piece[..<(count * rowBytes)].give(to: body)
            first += count
        }
    }

    private func encode(
        row: Int, _ columns: Int, _ parameters: UnsafeBufferPointer<Float>, into piece: inout [UInt8], at place: Int
    ) {
        let source = self.rotary > 0 ? self.rotarySource(row) : row
        piece.withUnsafeMutableBytes { bytes in
            let destination = bytes.baseAddress.map { $0 + place }
            if let entry = self.entry {
                let start = parameters.baseAddress.map { $0 + entry.offset + source * columns }
                self.encoding.encoder?(start, destination, columns)
            } else {
                self.elements.withUnsafeBufferPointer {
                    self.encoding.encoder?($0.baseAddress, destination, columns)
                }
            }
        }
    }

    /// The row that stands at `row` in rotary order: halves of a head become neighbours.
    private func rotarySource(_ row: Int) -> Int {
        let (head, within) = row.quotientAndRemainder(dividingBy: self.rotary)
        return head * self.rotary + within % 2 * self.rotary / 2 + within / 2
    }
}

extension TensorEncoding {
    /// Encodes whole blocks of floats; nil for encodings that are read only.
    var encoder: (@convention(c) (UnsafePointer<Float>?, UnsafeMutableRawPointer?, Int) -> Void)? {
        switch self {
        case .f32: ead_encode_f32
        case .f16: ead_encode_f16
        case .bf16: ead_encode_bf16
        case .q8_0: ead_encode_q8_0
        case .q4_0, .q4_1, .q5_0, .q5_1, .q2_k, .q3_k, .q4_k, .q5_k, .q6_k: nil
        }
    }
}
