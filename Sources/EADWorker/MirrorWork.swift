import EADCore
import EADMessages
import EADRuntime

/// What the worker's mirror thread does: makes the learner's policy of what arrives, while the engine goes on.
struct MirrorWork: EngineWork {
    enum Command: Sendable {
        /// Compare a chunk with the hash it should have.
        case check(PolicyChunk, SharedBytes, hash: [UInt8])
        /// Copy a verified chunk to `offset` of the mirror.
        case write(SharedBytes, offset: Int)
        /// Make a version of the one in the mirror.
        case apply([[SharedBytes]], PolicyManifest)
        /// Have the engine install what is in the mirror, once everything before is done.
        case install(PolicyManifest, keeping: Set<PolicyVersion>)
    }

    let mirror: PolicyMirror
    /// Hands the order to install on to the engine.
    let install: @Sendable (PolicyManifest, Set<PolicyVersion>) -> Void

    mutating func perform(_ command: Command, report: (WorkerEvent) -> Void) {
        switch command {
        case .check(let chunk, let payload, let hash):
            let isIntact = payload.withUnsafeBytes { PolicyHashes.hash($0) } == hash
            report(.checked(chunk, payload, isIntact: isIntact))
        case .write(let chunk, let offset):
            self.mirror.write(chunk, at: offset)
        case .apply(let deltas, let manifest):
            report(.applied(manifest, hashes: self.mirror.apply(deltas, makingChunksOf: manifest)))
        case .install(let manifest, let kept):
            self.install(manifest, kept)
        }
    }
}
