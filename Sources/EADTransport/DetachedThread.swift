import CEADPosix
import EADFiles
import Glibc

/// A thread of the system that nobody waits for.
package enum DetachedThread {
    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts one; waits while the system is short of threads.
    /// - Parameters:
    ///   - name: Shown by debuggers and `top -H`; cut to 15 bytes by the system.
    ///   - stackBytes: Nil for what the system gives.
    /// - Returns: 0, or the `errno` value of the failure; `body` is not called then.
    package static func start(
        name: String, stackBytes: Int? = nil, _ body: @escaping @Sendable () -> Void
    ) -> Int32 {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        if let stackBytes { pthread_attr_setstacksize(&attributes, stackBytes) }
        defer { pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let failure = Shortage.wait("to start the thread \(name)", while: Shortage.isPassingForProcesses) {
            pthread_create(
                &thread, &attributes,
                { argument in
                    guard let argument else { return nil }
                    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                    // A name is a convenience for those who look at the process; failing to set it changes nothing.
                    _ = ead_name_current_thread(start.name)
                    start.body()
                    return nil
                }, start.toOpaque())
        }
        if failure != 0 { start.release() }
        return failure
    }
}
