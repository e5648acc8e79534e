import EADCore
import EADEngine
import EADMessages
import EADModels
import EADRuntime
import EADTransformer

/// The weights of the model file, to which a KL term holds the policy, in the precision of training.
struct ReferencePolicy {
    let weights: PolicyWeights
    /// What a checkpoint says about it, so that a later learner does not go on with another.
    let notes: [String: String]

    private static let note = "reference"

    init(file: ModelFile, configuration: ComputeConfiguration) throws {
        let precision = configuration.precision
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: file.layout.count * precision.bytesPerParameter, alignment: 64)
        defer { bytes.deallocate() }
        try file.readPolicy(into: bytes, precision: precision, threads: configuration.threads)
        let version = PolicyVersion(0)
        self.weights = try PolicyWeights(
            shape: file.shape, precision: precision, parameters: UnsafeRawBufferPointer(bytes), version: version,
            threads: configuration.threads)
        let manifest = PolicyHashes.manifest(of: UnsafeRawBufferPointer(bytes), version: version, precision: precision)
        self.notes = [Self.note: manifest.rootHash.hexadecimal]
    }

    /// - Throws: `RoleFailure` when the checkpoint was trained with another reference.
    func check(_ checkpoint: Checkpoint?) throws(RoleFailure) {
        guard let checkpoint, checkpoint.state.notes[Self.note] != self.notes[Self.note] else { return }
        throw RoleFailure(
            .configuration,
            "\(checkpoint.path) was trained with a KL term to other weights than those of the model file; restore that "
                + "model file, or use another run directory")
    }
}
