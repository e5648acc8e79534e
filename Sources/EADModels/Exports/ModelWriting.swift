/// A file of weights as it is to be written, piece by piece.
package struct ModelWriting {
    let front: [UInt8]
    let tensors: [WrittenTensor]
    /// Whether each tensor begins at a multiple of GGUF's alignment.
    let isPadded: Bool

    /// Calls `body` with the bytes of the file, in order.
    ///
    /// - Parameter parameters: All of the model, in the order of its layout.
    package func forEachPiece<Failure: Error>(
        of parameters: UnsafeBufferPointer<Float>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try self.front.give(to: body)
        for tensor in self.tensors {
            try tensor.forEachPiece(of: parameters, body)
            guard self.isPadded else { continue }
            let rest = GGUFWriting.padded(tensor.byteCount) - tensor.byteCount
            if rest > 0 { try [UInt8](repeating: 0, count: rest).give(to: body) }
        }
    }
}

extension Collection<UInt8> {
    /// Calls `body` with the elements where they lie, or with a copy of them.
    func give<Failure: Error>(to body: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        func call(_ bytes: UnsafeRawBufferPointer) -> Result<Void, Failure> {
            do throws(Failure) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        let inPlace = self.withContiguousStorageIfAvailable { call(UnsafeRawBufferPointer($0)) }
        try (inPlace ?? Array(self).withUnsafeBytes(call)).get()
    }
}
