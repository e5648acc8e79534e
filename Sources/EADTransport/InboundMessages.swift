/// The messages a socket receives, in order of arrival; ends when the socket is closed and all were taken.
///
/// - Important: one consumer at a time. While it lags behind, the socket is not read and its peers come to wait.
public struct InboundMessages: AsyncSequence, Sendable {
    public typealias Element = InboundMessage
    let queue: InboundQueue

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(queue: self.queue) }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let queue: InboundQueue

        /// The next message; nil at the end, and when the task is cancelled.
        public mutating func next() async -> InboundMessage? { await self.queue.next() }

        /// The next message; nil at the end, and when the task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> InboundMessage? {
            await self.queue.next()
        }
    }
}
