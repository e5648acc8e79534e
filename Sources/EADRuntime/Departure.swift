import UnixSignals

/// What a process does when it is told to leave, at whatever stage of its life.
struct Departure: Hashable, Sendable {
    enum Action: Hashable, Sendable {
        /// There is nothing to drain: everything durable is as it was before the start.
        case leave
        case drain
        /// Whoever asks a second time at the keyboard does not want to wait.
        case endAtOnce
        case nothing
    }

    private var isRunning = false
    private var wasTold = false

    /// The role has been made, and drains from here on.
    mutating func start() { self.isRunning = true }

    mutating func hear(_ signal: UnixSignal) -> Action {
        defer { self.wasTold = true }
        if !self.isRunning { return .leave }
        if !self.wasTold { return .drain }
        return signal == .sigint ? .endAtOnce : .nothing
    }
}
