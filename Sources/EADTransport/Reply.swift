import Synchronization

/// One answer from the poller thread to one waiting task.
final class Reply<Value: Sendable>: Sendable {
    private enum State {
        case fresh
        case waiting(CheckedContinuation<Result<Value, TransportError>, Never>)
        case answered(Result<Value, TransportError>)
        case abandoned
    }

    private let state = Mutex(State.fresh)

    /// Answers; false when the task has given up, so that nobody will use the value.
    @discardableResult
    func answer(_ result: Result<Value, TransportError>) -> Bool {
        let (waiting, isWanted) = self.state.withLock {
            state -> (CheckedContinuation<Result<Value, TransportError>, Never>?, Bool) in
            switch state {
            case .fresh:
                state = .answered(result)
                return (nil, true)
            case .waiting(let continuation):
                state = .answered(result)
                return (continuation, true)
            case .answered: preconditionFailure("a reply is answered once")
            case .abandoned: return (nil, false)
            }
        }
        waiting?.resume(returning: result)
        return isWanted
    }

    /// Waits for the answer, or for the cancellation of the task.
    func value() async throws(TransportError) -> Value {
        let result: Result<Value, TransportError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known = self.state.withLock { state -> Result<Value, TransportError>? in
                    switch state {
                    case .fresh:
                        state = .waiting(continuation)
                        return nil
                    case .answered(let result): return result
                    case .abandoned: return .failure(.cancelled)
                    case .waiting: preconditionFailure("a reply has one reader")
                    }
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            let waiting = self.state.withLock {
                state -> CheckedContinuation<Result<Value, TransportError>, Never>? in
                switch state {
                case .fresh:
                    state = .abandoned
                    return nil
                case .waiting(let continuation):
                    state = .abandoned
                    return continuation
                case .answered, .abandoned: return nil
                }
            }
            waiting?.resume(returning: .failure(.cancelled))
        }
        return try result.get()
    }
}
