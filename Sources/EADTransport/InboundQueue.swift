import DequeModule
import EADCore
import Synchronization

/// The hand-off from the poller thread to the consumer of one socket.
///
/// The queue never refuses a message; it tells the poller to stop reading instead.
final class InboundQueue: Sendable {
    private struct State {
        var messages: Deque<InboundMessage> = []
        var bytes = 0
        var consumer: CheckedContinuation<InboundMessage?, Never>?
        var isPaused = false
        var isFinished = false
    }

    private let state = Mutex(State())
    private let highWatermark: Int
    private let highWatermarkBytes: Int
    private let resume: @Sendable () -> Void

    /// - Parameter resume: called when a paused queue has half drained; must only post a command.
    init(highWatermark: Int, highWatermarkBytes: Int, resume: @escaping @Sendable () -> Void) {
        self.highWatermark = highWatermark
        self.highWatermarkBytes = highWatermarkBytes
        self.resume = resume
    }

    /// Adds a message; false tells the poller to pause until `resume` is called.
    func push(_ message: InboundMessage) -> Bool {
        let (consumer, goOn) = self.state.withLock { state -> (CheckedContinuation<InboundMessage?, Never>?, Bool) in
            if state.isFinished { return (nil, true) }
            if let consumer = state.consumer {
                state.consumer = nil
                return (consumer, true)
            }
            state.messages.append(message)
            state.bytes += message.byteCount
            state.isPaused =
                state.messages.count >= self.highWatermark || state.bytes >= self.highWatermarkBytes
            return (nil, !state.isPaused)
        }
        consumer?.resume(returning: message)
        return goOn
    }

    /// No more messages will come; those that wait can still be taken.
    func finish() {
        let consumer = self.state.withLock { state in
            state.isFinished = true
            state.isPaused = false
            return state.consumer.take()
        }
        consumer?.resume(returning: nil)
    }

    func next() async -> InboundMessage? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (answer, mayResume) = self.state.withLock { state -> (InboundMessage??, Bool) in
                    precondition(state.consumer == nil, "inbound messages have one consumer at a time")
                    if Task.isCancelled { return (.some(nil), false) }
                    guard let message = state.messages.popFirst() else {
                        if state.isFinished { return (.some(nil), false) }
                        state.consumer = continuation
                        return (nil, false)
                    }
                    state.bytes -= message.byteCount
                    let hasRoom =
                        state.messages.count <= self.highWatermark / 2 && state.bytes <= self.highWatermarkBytes / 2
                    let mayResume = state.isPaused && hasRoom
                    if mayResume { state.isPaused = false }
                    return (.some(message), mayResume)
                }
                if mayResume { self.resume() }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let consumer = self.state.withLock { $0.consumer.take() }
            consumer?.resume(returning: nil)
        }
    }
}

extension InboundMessage {
    fileprivate var byteCount: Int { self.parts.reduce(0) { $0 + $1.count } }
}
