import EADCore
import EADEngine
import EADMessages
import EADModels
import EADRuntime

/// The weights of the model file, to which a KL term holds the policy; the training engine keeps them.
struct ReferencePolicy {
    /// What a checkpoint says about it, so that a later learner does not go on with another.
    let notes: [String: String]

    private static let note = "reference"

    init(file: ModelFile, keptBy engine: any TrainingEngine) throws {
        let precision = engine.configuration.precision
        let bytes = UnsafeMutableRawBufferPointer.allocateWeights(
            byteCount: file.layout.count * precision.bytesPerParameter)
        defer { bytes.deallocate() }
        try file.readPolicy(into: bytes, precision: precision, threads: engine.configuration.threads)
        let version = PolicyVersion(0)
        let image = PolicyImage(version: version, precision: precision, bytes: UnsafeRawBufferPointer(bytes))
        try engine.keepReference(image)
        let manifest = PolicyHashes.manifest(of: image.bytes, version: version, precision: precision)
        self.notes = [Self.note: manifest.rootHash.hexadecimal]
    }

    /// - Throws: `RoleFailure` when the checkpoint was trained with another reference.
    func check(_ checkpoint: Checkpoint?) throws(RoleFailure) {
        // One that was trained without says nothing: a run that begins with it may have a term of its own.
        guard let checkpoint, let noted = checkpoint.state.notes[Self.note], noted != self.notes[Self.note] else {
            return
        }
        throw RoleFailure(
            .configuration,
            "\(checkpoint.path) was trained with a KL term to other weights than those of the model file; restore that "
                + "model file, or use another run directory")
    }
}
