import CEADTensorFormats
import Dispatch
package import EADCore
import Synchronization

extension ModelFile {
    /// Decodes all weights to 32-bit floats in the order of `layout`.
    ///
    /// Rows that a GGUF file has in rotary order are put back in the order of Hugging Face, so RoPE is of the rotate-half
    /// kind.
    ///
    /// - Parameters:
    ///   - destination: `[layout.count]`, every element is written on success.
    ///   - threads: Threads that decode.
    /// - Throws: `ModelFileError` with the tensor that holds an infinite or not-a-number weight.
    package func readParameters(
        into destination: UnsafeMutableBufferPointer<Float>, threads: Int = 1
    ) throws(ModelFileError) {
        try self.readPolicy(into: UnsafeMutableRawBufferPointer(destination), precision: .f32, threads: threads)
    }

    /// Reads the parameters in the form in which policy version 0 is published.
    ///
    /// - Parameters:
    ///   - destination: `layout.count` elements in layout order, bf16 (rounded to nearest even) or f32 by `precision`.
    ///   - threads: Threads that decode.
    /// - Throws: as `readParameters`.
    package func readPolicy(
        into destination: UnsafeMutableRawBufferPointer, precision: Precision, threads: Int
    ) throws(ModelFileError) {
        precondition(
            destination.count == self.layout.count * precision.bytesPerParameter,
            "the destination holds all parameters")
        precondition(!self.tensors.isEmpty, "a model that has no weights is given some")
        guard let base = destination.baseAddress else { return }
        for (entry, tensor) in zip(self.layout.entries, self.tensors) {
            // An element of a rotary bias goes where the row of its matrix goes.
            let elementwise = tensor.isRotary && entry.isVector
            try self.read(
                tensor, rows: elementwise ? entry.columns : entry.rows, columns: elementwise ? 1 : entry.columns,
                into: base + entry.offset * precision.bytesPerParameter, precision: precision, threads: threads)
            // All of the file beside all of the parameters would be the model twice.
            tensor.file.forget(tensor.bytes)
        }
    }

    private func read(
        _ tensor: StoredTensor, rows: Int, columns: Int, into destination: UnsafeMutableRawPointer,
        precision: Precision, threads: Int
    ) throws(ModelFileError) {
        let rowBytes = columns / tensor.encoding.blockSize * tensor.encoding.blockBytes
        // Opening has established that the rows lie within the mapping.
        let source = UnsafeRawBufferPointer(rebasing: tensor.file.bytes[tensor.bytes])
        let bad = ead_decode_args(
            decode: tensor.encoding.decoder, source: source.bindMemory(to: UInt8.self).baseAddress,
            row_bytes: rowBytes, columns: columns, rotary: tensor.isRotary ? self.shape.headSize : 0,
            out: destination, bf16: precision == .bf16 ? 1 : 0
        ).decode(rows: rows, threads: threads)
        guard let bad else { return }
        throw ModelFileError(
            .nonFiniteWeight, file: tensor.file.path, tensor: tensor.name, type: tensor.encoding.name,
            offset: tensor.bytes.lowerBound + bad * rowBytes,
            "row \(bad) has a weight that is infinite or not a number", advice: GGUFCursor.damaged)
    }
}

extension ead_decode_args {
    /// Decodes all rows, cut into as many ranges as there are threads.
    ///
    /// - Returns: The first row with a weight that is infinite or not a number, nil without one.
    fileprivate func decode(rows: Int, threads: Int) -> Int? {
        let ranges = max(1, min(threads, rows))
        let firstBad = Atomic(Int.max)
        nonisolated(unsafe) let arguments = self
        DispatchQueue.concurrentPerform(iterations: ranges) { index in
            let scratch = UnsafeMutablePointer<Float>.allocate(capacity: arguments.columns)
            defer { scratch.deallocate() }
            let bad = withUnsafePointer(to: arguments) {
                ead_decode_rows($0, rows * index / ranges, rows * (index + 1) / ranges, scratch)
            }
            if bad >= 0 { firstBad.min(bad, ordering: .relaxed) }
        }
        let bad = firstBad.load(ordering: .relaxed)
        return bad == Int.max ? nil : bad
    }
}
