import EADCore
import EADMessages
import EADRuntime

/// Compares chunks of a policy with the hashes they should have.
struct ChunkCheck: EngineWork {
    struct Command: Sendable {
        var chunk: PolicyChunk
        var payload: SharedBytes
        var hash: [UInt8]
    }

    mutating func perform(_ command: Command, report: (WorkerEvent) -> Void) {
        let isIntact = command.payload.withUnsafeBytes { PolicyHashes.hash($0) } == command.hash
        report(.checked(command.chunk, command.payload, isIntact: isIntact))
    }
}
