/// The messages a socket receives, in order of arrival; ends when the socket is closed and all were taken.
///
/// - Important: one consumer at a time. While it lags behind, the socket is not read and its peers come to wait.
package struct InboundMessages: AsyncSequence, Sendable {
    package typealias Element = InboundMessage
    let queue: InboundQueue

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(queue: self.queue) }

    package struct AsyncIterator: AsyncIteratorProtocol {
        let queue: InboundQueue

        /// The next message; nil at the end, and when the task is cancelled.
        package mutating func next() async -> InboundMessage? { await self.queue.next() }

        /// The next message; nil at the end, and when the task is cancelled.
        package mutating func next(isolation actor: isolated (any Actor)?) async -> InboundMessage? {
            await self.queue.next()
        }
    }
}
