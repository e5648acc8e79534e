package import EADModels

/// Weights of a model in safetensors files, with the names and shapes of Hugging Face checkpoints; hashed on the way.
package enum Safetensors {
    /// Writes 32-bit weights in the order of `layout`; the file is durable when this returns.
    ///
    /// - Parameter parameters: `[layout.count]`.
    package static func write(
        _ parameters: UnsafeBufferPointer<Float>, _ layout: ParameterLayout, to path: String
    ) throws(CheckpointError) {
        precondition(parameters.count == layout.count, "the buffer has one element per parameter")
        _ = try Self.write(
            SafetensorsHeader(layout, .f32), [ByteSource(UnsafeRawBufferPointer(parameters))], to: path)
    }

    /// Writes weights as bfloat16 bit patterns in the order of `layout`; the file is durable when this returns.
    ///
    /// - Parameter parameters: `[layout.count]`.
    package static func write(
        _ parameters: UnsafeBufferPointer<UInt16>, _ layout: ParameterLayout, to path: String
    ) throws(CheckpointError) {
        precondition(parameters.count == layout.count, "the buffer has one element per parameter")
        _ = try Self.write(
            SafetensorsHeader(layout, .bf16), [ByteSource(UnsafeRawBufferPointer(parameters))], to: path)
    }

    /// Reads weights of either type; the tensors may be in any order in the file.
    ///
    /// - Parameter parameters: `[layout.count]`.
    /// - Throws: `CheckpointError` when the file is damaged or does not hold exactly the tensors of the layout.
    package static func read(
        _ path: String, _ layout: ParameterLayout, into parameters: UnsafeMutableBufferPointer<Float>
    ) throws(CheckpointError) {
        precondition(parameters.count == layout.count, "the buffer has one element per parameter")
        var reader = try HashingFileReader(path: path)
        let header = try Self.header(&reader, path: path)
        let entries = Dictionary(uniqueKeysWithValues: layout.entries.map { ($0.name, $0) })
        guard header.tensors.count == entries.count else {
            throw Self.otherModel(path, "has \(header.tensors.count) tensors where the model has \(entries.count)")
        }
        for tensor in header.tensors {
            guard let entry = entries[tensor.name], tensor.shape == entry.huggingFaceShape else {
                throw Self.otherModel(path, "tensor \(tensor.name) has the shape \(tensor.shape)")
            }
            let target = UnsafeMutableBufferPointer(rebasing: parameters[entry.range])
            switch tensor.element {
            case .f32: try reader.read(into: UnsafeMutableRawBufferPointer(target))
            case .bf16: try Self.readHalves(&reader, into: target)
            case .f16: throw Self.otherModel(path, "tensor \(tensor.name) is stored as F16")
            }
        }
    }

    /// Reads bfloat16 values into the upper half of the target, then widens them in place from front to back.
    private static func readHalves(
        _ reader: inout HashingFileReader, into target: UnsafeMutableBufferPointer<Float>
    ) throws(CheckpointError) {
        let bytes = UnsafeMutableRawBufferPointer(target)
        let start = target.count * 2
        try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
        for index in target.indices {
            let half = bytes.loadUnaligned(fromByteOffset: start + 2 * index, as: UInt16.self)
            target[index] = Float(bitPattern: UInt32(half) << 16)
        }
    }

    /// Reads the header at the front of a file.
    static func header(_ reader: inout HashingFileReader, path: String) throws(CheckpointError) -> SafetensorsHeader {
        guard reader.length >= SafetensorsHeader.prefix else {
            throw .damaged(path, "shorter than a safetensors file")
        }
        let prefix = try reader.read(SafetensorsHeader.prefix)
        let length: Int
        do throws(SafetensorsHeader.Fault) {
            length = try SafetensorsHeader.length(prefix: prefix, fileLength: reader.length)
        } catch { throw .damaged(path, error.message) }
        let json = try reader.read(length)
        do throws(SafetensorsHeader.Fault) {
            return try SafetensorsHeader(
                json: json, dataSize: reader.length - SafetensorsHeader.prefix - length)
        } catch { throw .damaged(path, error.message) }
    }

    /// Writes a file of which `contents`, one behind the other, are the data.
    static func write(
        _ header: SafetensorsHeader, _ contents: [ByteSource], to path: String
    ) throws(CheckpointError) -> String {
        precondition(contents.reduce(0) { $0 + $1.count } == header.dataSize, "the contents are what the header says")
        var writer = try HashingFileWriter(path: path)
        try writer.write(header.encoded)
        for part in contents { try writer.write(part) }
        return try writer.finish()
    }

    /// Reads a file that must have the given header into `contents`, one behind the other.
    static func read(
        _ path: String, expecting header: SafetensorsHeader, into contents: [UnsafeMutableRawBufferPointer]
    ) throws(CheckpointError) -> String {
        precondition(contents.reduce(0) { $0 + $1.count } == header.dataSize, "the contents are what the header says")
        var reader = try HashingFileReader(path: path)
        guard try Self.header(&reader, path: path) == header else {
            throw .damaged(path, "it holds other tensors than were written")
        }
        for part in contents { try reader.read(into: part) }
        return reader.finish()
    }

    private static func otherModel(_ path: String, _ message: String) -> CheckpointError {
        CheckpointError(.otherModel, path, message, advice: "use a checkpoint of this model")
    }
}
