package import EADCore
package import EADMessages

/// Puts a process's identity and a running number on what it sends.
package struct EnvelopeStamp: Sendable {
    package let sender: NodeID
    package var run: RunID?
    package var epoch: Epoch
    /// Of the last message; 0 before the first.
    package private(set) var number: UInt64 = 0

    package init(sender: NodeID, run: RunID? = nil, epoch: Epoch = Epoch(0)) {
        self.sender = sender
        self.run = run
        self.epoch = epoch
    }

    /// Wraps a message under the next number.
    package mutating func stamp(_ message: Message, inReplyTo: UInt64 = 0) -> Envelope {
        self.number += 1
        return Envelope(
            run: self.run, sender: self.sender, epoch: self.epoch, number: self.number, inReplyTo: inReplyTo,
            message: message)
    }
}
