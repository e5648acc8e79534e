import Glibc
import Synchronization

/// A resource that all processes of a host share is used up, which passes: whoever needs some waits for it, and says so.
package enum Shortage {
    /// How long anybody waits.
    package static let patience = Duration.seconds(20)

    /// Between two tries, at first.
    private static let pause = Duration.milliseconds(1)
    private static let longestPause = Duration.milliseconds(100)
    /// Shorter waits are nobody's business.
    private static let notable = Duration.seconds(1)

    private static let listeners = Mutex<[@Sendable (String) -> Void]>([])

    /// Who is told, from here on, for what this process waits: the log of a role.
    package static func tell(_ listener: @escaping @Sendable (String) -> Void) {
        Self.listeners.withLock { $0.append(listener) }
    }

    /// Whether an `errno` value says that descriptors, memory or buffers of the system are used up.
    package static func isPassing(_ code: Int32) -> Bool { [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(code) }

    /// The same for processes and threads, of which a user may have so many; any other call means something else by EAGAIN.
    package static func isPassingForProcesses(_ code: Int32) -> Bool { code == EAGAIN || Self.isPassing(code) }

    /// Makes a call again and again while there is a shortage.
    /// - Parameters:
    ///   - purpose: What is wanted, such as "to open x".
    ///   - patience: For how long.
    ///   - call: Returns 0, or an `errno` value.
    /// - Returns: What the last call returned.
    package static func wait(
        _ purpose: @autoclosure () -> String, patience: Duration = Shortage.patience,
        while isPassing: (Int32) -> Bool = Shortage.isPassing, _ call: () -> Int32
    ) -> Int32 {
        var code = call()
        guard isPassing(code) else { return code }
        let start = ContinuousClock.now
        var (pause, isTold) = (Self.pause, false)
        while isPassing(code), start.duration(to: .now) < patience {
            if !isTold, start.duration(to: .now) >= Self.notable {
                isTold = true
                let text = "waits \(purpose()): \(String(cString: strerror(code)))"
                for listener in Self.listeners.withLock({ $0 }) { listener(text) }
            }
            Self.sleep(pause)
            pause = min(pause * 2, Self.longestPause)
            code = call()
        }
        return code
    }

    private static func sleep(_ duration: Duration) {
        usleep(useconds_t(duration / .microseconds(1)))
    }
}
