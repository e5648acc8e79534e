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
        try Self.give(self.front, to: body)
        for tensor in self.tensors {
            try tensor.forEachPiece(of: parameters, body)
            guard self.isPadded else { continue }
            let rest = GGUFWriting.padded(tensor.byteCount) - tensor.byteCount
            if rest > 0 { try Self.give([UInt8](repeating: 0, count: rest), to: body) }
        }
    }

    private static func give<Failure: Error>(
        _ bytes: [UInt8], to body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var failure: Failure?
        bytes.withUnsafeBytes { bytes in
            do throws(Failure) { try body(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
