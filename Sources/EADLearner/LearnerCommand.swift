package import EADCore
package import EADMessages
package import EADProtocol

/// What the learner's state has its journal and its engine do.
package enum LearnerCommand: Sendable, Equatable {
    /// Load the weights, and train the journalled steps before this one again.
    case recover(until: GlobalStep)
    /// Make the group durable before anything that follows.
    case journal(ReceivedGroup, RunID)
    /// Make durable that the groups are thrown out before anything that follows.
    case discard([DiscardedGroup], RunID)
    /// Delete the journalled groups of earlier steps: a checkpoint covers them.
    case discardJournal(before: GlobalStep)
    /// Delete the journalled groups of these steps: they are of a past that is lost.
    case forget([GlobalStep])
    /// The controller named the run the weights belong to.
    case adopt(RunID)
    /// Train the step on its groups, in this order.
    case train(GlobalStep, [RolloutGroup])
    /// Publish the weights there are now, in the memory of the last version, which nobody has any more.
    case publish
    /// Make weights, moments and step durable.
    case checkpoint(GlobalStep)
}

/// What the learner's engine reports.
package enum LearnerEvent: Sendable {
    /// The weights are loaded, and those before this step; its groups are in the journal if it is to be trained again.
    case recovering(at: GlobalStep)
    /// The weights are those the learner goes on with.
    case recovered(Recovered)
    /// The weights are those after a step; the version before it is to be let go of.
    case updated
    /// The weights are what they were: these groups are not of the policy that the step trains.
    case refused(GlobalStep, [RefusedGroup])
    /// With what made the version of the one before it; nil when it can only be fetched whole.
    case published(StepReport, PolicyManifest, SharedBytes, PublishedDelta?)
    case checkpointed(GlobalStep)
}

package typealias LearnerEffect = RoleEffect<LearnerCommand>

extension RoleEffect where Command == LearnerCommand {
    package static func answer(_ message: Message, to peer: Peer, inReplyTo number: UInt64) -> Self {
        .send(message, to: .peer(peer), inReplyTo: number)
    }
    package static func tellController(_ message: Message) -> Self { .send(message, to: .controller) }
    package static func journal(_ group: ReceivedGroup, _ run: RunID) -> Self { .perform(.journal(group, run)) }
    package static func train(_ step: GlobalStep, _ groups: [RolloutGroup]) -> Self { .perform(.train(step, groups)) }
    package static func checkpoint(_ step: GlobalStep) -> Self { .perform(.checkpoint(step)) }
}
