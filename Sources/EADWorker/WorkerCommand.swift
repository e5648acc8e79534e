package import EADCore
package import EADEngine
package import EADMessages
package import EADProtocol

/// What the worker's state has its engine do.
package enum WorkerCommand: Sendable, Equatable {
    /// Sample the lease's group with a resident policy.
    case generate(Lease, PolicyVersion)
    case cancel(GroupID)
    /// Judge the samples of a lease.
    case score(job: UInt64, GeneratedGroup, Lease)
    case cancelScoring(job: UInt64)
    /// Compare a chunk's bytes with the hash they should have.
    case check(PolicyChunk, SharedBytes, hash: [UInt8])
    /// Copy a verified chunk to its place in the second buffer.
    case write(SharedBytes, offset: Int)
    /// Make a version of the one in the second buffer, by deltas in this order, each in pieces.
    case apply([[SharedBytes]], PolicyManifest)
    /// All chunks are verified: make the policy resident, in the place of all others but those kept.
    case install(PolicyManifest, keeping: Set<PolicyVersion>)
}

/// What the worker's engine reports.
package enum WorkerEvent: Sendable {
    case sampled(GeneratedGroup)
    /// The group is impossible, such as a prompt longer than the context.
    case rejected(GroupID, reason: String)
    /// A training group with its verdicts.
    case scored(RolloutGroup)
    /// An evaluation group with its verdicts.
    case graded(GroupID, [EvaluatedSample])
    case checked(PolicyChunk, SharedBytes, isIntact: Bool)
    /// The deltas that make a version were applied; the hashes are those of the chunks that came out.
    case applied(PolicyManifest, hashes: [[UInt8]])
    case installed(PolicyManifest)
}

package typealias WorkerEffect = RoleEffect<WorkerCommand>

extension RoleEffect where Command == WorkerCommand {
    package static func tellController(_ message: Message) -> Self { .send(message, to: .controller) }
    package static func tellLearner(_ message: Message) -> Self { .send(message, to: .learner) }
    package static func cancel(_ group: GroupID) -> Self { .perform(.cancel(group)) }
}
