public import EADCore
public import EADMessages

/// Puts a process's identity and a running number on what it sends.
public struct EnvelopeStamp: Sendable {
    public let sender: NodeID
    public var run: RunID?
    public var epoch: Epoch
    private var number: UInt64 = 0

    public init(sender: NodeID, run: RunID? = nil, epoch: Epoch = Epoch(0)) {
        self.sender = sender
        self.run = run
        self.epoch = epoch
    }

    /// Wraps a message under the next number.
    public mutating func stamp(_ message: Message, inReplyTo: UInt64 = 0) -> Envelope {
        self.number += 1
        return Envelope(
            run: self.run, sender: self.sender, epoch: self.epoch, number: self.number, inReplyTo: inReplyTo,
            message: message)
    }
}
