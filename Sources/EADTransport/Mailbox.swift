import CZMQ
import EADCore
import Glibc
import Synchronization

/// Commands to the poller thread, and the eventfd that wakes it.
final class Mailbox: Sendable {
    enum Command: Sendable {
        case open(SocketRequest, Reply<OpenedSocket>)
        case close(Port.ID, Reply<Void>)
        /// There is something to send on a port.
        case flush(Port.ID)
        /// The consumer of a paused port has caught up.
        case resumeReading(Port.ID)
        case stop
    }

    private struct State {
        var commands: [Command] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Readable while there are commands; for zmq_poll.
    let descriptor: Int32

    init() throws(TransportError) {
        self.descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        if self.descriptor < 0 {
            throw TransportError(.system, "eventfd: \(String(cString: strerror(errno)))", systemError: errno)
        }
    }

    deinit { Glibc.close(self.descriptor) }

    /// Leaves a command; false when the poller has ended.
    @discardableResult
    func post(_ command: Command) -> Bool {
        let (isOpen, wasEmpty) = self.state.withLock { state -> (Bool, Bool) in
            if state.isClosed { return (false, false) }
            state.commands.append(command)
            return (true, state.commands.count == 1)
        }
        // One wake-up serves all commands that come before the poller takes them.
        if wasEmpty { eventfd_write(self.descriptor, 1) }
        return isOpen
    }

    /// Takes all commands.
    func take() -> [Command] {
        var count: eventfd_t = 0
        // Read before the commands are taken: one that is posted in between wakes the poller once too often, not never.
        eventfd_read(self.descriptor, &count)
        return self.state.withLock { state in
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// Takes what is left and accepts nothing more.
    func close() -> [Command] {
        self.state.withLock { state in
            defer { state = State(commands: [], isClosed: true) }
            return state.commands
        }
    }
}

/// What a socket is for.
struct SocketRequest: Sendable {
    enum Kind: Sendable {
        case listener
        case connection(identity: [UInt8], server: CurvePublicKey?)
    }

    var kind: Kind
    var endpoint: Endpoint
}

/// A socket that came into being.
struct OpenedSocket: Sendable {
    var port: Port
    /// With the port number the system chose, where 0 was asked for.
    var endpoint: Endpoint
}
