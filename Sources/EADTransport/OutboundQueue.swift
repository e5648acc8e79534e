import DequeModule
import EADCore
import Synchronization

/// The hand-off from senders to the poller thread for one socket: a bounded lane per peer, each in order.
///
/// Lanes are separate so that a peer that does not read holds up nobody else.
final class OutboundQueue: Sendable {
    struct Message: Sendable {
        var parts: [SharedBytes]
        var byteCount: Int { self.parts.reduce(0) { $0 + $1.count } }
    }

    /// The peer's routing id; empty for the one peer of a connection.
    typealias LaneID = [UInt8]
    private typealias Acceptance = CheckedContinuation<Result<Void, TransportError>, Never>

    private struct Sender {
        var id: UInt64
        var message: Message
        var acceptance: Acceptance
    }

    private struct Lane {
        var messages: Deque<Message> = []
        var bytes = 0
        var senders: Deque<Sender> = []
        var isEmpty: Bool { self.messages.isEmpty && self.senders.isEmpty }

        mutating func append(_ message: Message) {
            self.messages.append(message)
            self.bytes += message.byteCount
        }
    }

    private struct State {
        var lanes: [LaneID: Lane] = [:]
        /// Whether the poller was told of messages since it last looked.
        var isFlagged = false
        /// Why nothing more is accepted.
        var refusal: TransportError?
        var senders: UInt64 = 0

        mutating func flag() -> Bool {
            defer { self.isFlagged = true }
            return !self.isFlagged
        }
    }

    private let state = Mutex(State())
    private let highWatermark: Int
    private let highWatermarkBytes: Int
    private let wake: @Sendable () -> Void

    /// - Parameter wake: called when there is something new to send; must only post a command.
    init(highWatermark: Int, highWatermarkBytes: Int, wake: @escaping @Sendable () -> Void) {
        self.highWatermark = highWatermark
        self.highWatermarkBytes = highWatermarkBytes
        self.wake = wake
    }

    // MARK: Senders

    /// Adds a message, waiting while the lane is above its watermark.
    func send(_ message: Message, to id: LaneID) async throws(TransportError) {
        // The common case needs no continuation.
        switch self.offer(message, to: id, mayWait: false) {
        case .accepted: return
        case .refused(let error): throw error
        case .full: break
        }
        let ticket = self.state.withLock { state in
            state.senders += 1
            return state.senders
        }
        let result: Result<Void, TransportError> = await withTaskCancellationHandler {
            await withCheckedContinuation { acceptance in
                let wait = Sender(id: ticket, message: message, acceptance: acceptance)
                switch self.offer(message, to: id, sender: wait, mayWait: true) {
                case .accepted: acceptance.resume(returning: .success(()))
                case .refused(let error): acceptance.resume(returning: .failure(error))
                case .full: break
                }
            }
        } onCancel: {
            self.withdraw(ticket, from: id)
        }
        try result.get()
    }

    /// Adds a message if the lane is below its watermark.
    func trySend(_ message: Message, to id: LaneID) -> Bool {
        switch self.offer(message, to: id, mayWait: false) {
        case .accepted: true
        case .full, .refused: false
        }
    }

    private enum Offer {
        case accepted
        case full
        case refused(TransportError)
    }

    private func offer(_ message: Message, to id: LaneID, sender: Sender? = nil, mayWait: Bool) -> Offer {
        let (offer, isNew) = self.state.withLock { state -> (Offer, Bool) in
            if let refusal = state.refusal { return (.refused(refusal), false) }
            var lane = state.lanes.removeValue(forKey: id) ?? Lane()
            defer { if !lane.isEmpty { state.lanes[id] = lane } }
            guard self.hasRoom(lane), lane.senders.isEmpty else {
                if mayWait, let sender {
                    // Checked under the lock: a cancellation before it finds nothing to withdraw, one after it does.
                    if Task.isCancelled { return (.refused(.cancelled), false) }
                    lane.senders.append(sender)
                }
                return (.full, false)
            }
            lane.append(message)
            return (.accepted, state.flag())
        }
        if isNew { self.wake() }
        return offer
    }

    private func hasRoom(_ lane: Lane) -> Bool {
        lane.messages.count < self.highWatermark && lane.bytes < self.highWatermarkBytes
    }

    private func withdraw(_ ticket: UInt64, from id: LaneID) {
        let sender = self.state.withLock { state -> Sender? in
            guard let index = state.lanes[id]?.senders.firstIndex(where: { $0.id == ticket }) else { return nil }
            return state.lanes[id]?.senders.remove(at: index)
        }
        sender?.acceptance.resume(returning: .failure(.cancelled))
    }

    // MARK: Poller

    /// The lanes that hold messages; from now on new messages wake the poller again.
    func lanes() -> [LaneID] {
        self.state.withLock { state in
            state.isFlagged = false
            return Array(state.lanes.keys)
        }
    }

    /// The message of a lane that is to be sent next; it stays until `removeFirst`.
    func first(of id: LaneID) -> Message? { self.state.withLock { $0.lanes[id]?.messages.first } }

    /// Removes the message that `first` returned, which may let the first waiting sender in.
    func removeFirst(of id: LaneID) {
        let admitted = self.state.withLock { state -> Sender? in
            guard var lane = state.lanes.removeValue(forKey: id) else { return nil }
            defer { if !lane.isEmpty { state.lanes[id] = lane } }
            guard let message = lane.messages.popFirst() else { return nil }
            lane.bytes -= message.byteCount
            guard self.hasRoom(lane), let sender = lane.senders.popFirst() else { return nil }
            lane.append(sender.message)
            return sender
        }
        admitted?.acceptance.resume(returning: .success(()))
    }

    var isEmpty: Bool { self.state.withLock { $0.lanes.isEmpty } }

    /// Accepts nothing more; senders that wait are refused with `error`, what was accepted stays.
    func refuse(with error: TransportError) {
        let senders = self.state.withLock { state -> [Sender] in
            state.refusal = state.refusal ?? error
            var waiting: [Sender] = []
            for id in Array(state.lanes.keys) {
                waiting += state.lanes[id]?.senders ?? []
                state.lanes[id]?.senders = []
                if state.lanes[id]?.isEmpty == true { state.lanes[id] = nil }
            }
            return waiting
        }
        for sender in senders { sender.acceptance.resume(returning: .failure(error)) }
    }

    /// Drops what is left and says how many messages that were.
    func discard() -> Int {
        self.state.withLock { state in
            defer { state.lanes = [:] }
            return state.lanes.values.reduce(0) { $0 + $1.messages.count }
        }
    }
}
