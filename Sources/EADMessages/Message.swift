package import EADCore

/// Everything one process says to another; one case per protobuf message of `Protos/ead/v1`.
package enum Message: Hashable, Sendable {
    // Membership: any node to the controller, and its answers.
    case hello(Hello)
    case welcome(Welcome)
    case refusal(Refusal)
    case heartbeat(Heartbeat)
    case heartbeatReply(HeartbeatReply)
    case goodbye(Goodbye)
    // Leases: controller to worker, and back.
    case leaseOffer(LeaseOffer)
    case leaseAccept(LeaseAccept)
    case leaseReturn(LeaseReturn)
    // Rollouts: worker to learner, and its answer.
    case rolloutGroup(RolloutGroup)
    case groupAck(GroupAck)
    // Policy: worker asks the learner. A chunk's bytes travel as the frame after the envelope.
    case manifestRequest(ManifestRequest)
    case policyManifest(PolicyManifest)
    case chunkRequest(ChunkRequest)
    case policyChunk(PolicyChunk)
    // Progress: learner to controller.
    case groupsAccepted(GroupsAccepted)
    case stepReport(StepReport)
    // Control: ead-ctl to the controller, and its answers.
    case controlRequest(ControlRequest)
    case controlReply(ControlReply)
    case statusReply(StatusReply)
}

/// What every message carries besides its body.
package struct Envelope: Hashable, Sendable {
    /// The wire version this build speaks; see Protos/README.md for when it changes.
    package static let currentWireVersion: UInt32 = 2

    package var wireVersion: UInt32
    /// Nil only in a hello and from ead-ctl, which do not know the run yet.
    package var run: RunID?
    package var sender: NodeID
    /// The sender's incarnation; 0 before it was welcomed.
    package var epoch: Epoch
    /// Counts the sender's messages from 1; an answer repeats it in `inReplyTo`.
    package var number: UInt64
    /// The `number` of the message this one answers; 0 when it answers none.
    package var inReplyTo: UInt64
    package var message: Message

    package init(
        run: RunID?, sender: NodeID, epoch: Epoch, number: UInt64, inReplyTo: UInt64 = 0, message: Message,
        wireVersion: UInt32 = Envelope.currentWireVersion
    ) {
        self.wireVersion = wireVersion
        self.run = run
        self.sender = sender
        self.epoch = epoch
        self.number = number
        self.inReplyTo = inReplyTo
        self.message = message
    }
}
