import CEADPosix
import EADFiles
import Glibc

/// A running verifier program: lines to its standard input, lines from its standard output, within a deadline.
///
/// Used by one thread, which it blocks. It is killed with everything it started, at the latest when it is released or when
/// this process dies: a guard of its own sees to that.
final class VerifierProgram {
    private var process: ead_program
    private var isAlive = true
    /// Read from the program's output and not yet used.
    private var output: [UInt8] = []
    private var errorsOpen = true
    private let onErrors: ([UInt8]) -> Void

    /// The longest line a program may write, in bytes.
    static let lineLimit = 1 << 16

    /// Of its guard.
    var id: Int32 { self.process.id }

    /// - Parameters:
    ///   - command: The program and its arguments.
    ///   - onErrors: Takes what it writes to its standard error, which is read while an answer is waited for.
    init(_ command: [String], onErrors: @escaping ([UInt8]) -> Void) throws(VerifierFault) {
        let words = command.map { strdup($0) }
        defer { for word in words { free(word) } }
        let arguments: [UnsafePointer<CChar>?] = words.map { $0.map { UnsafePointer($0) } } + [nil]
        var process = ead_program()
        let failure = Shortage.wait("to start \(command[0])", while: Shortage.isPassingForProcesses) {
            ead_start_program(arguments, &process)
        }
        guard failure == 0 else { throw .notStarted(String(cString: strerror(failure))) }
        self.process = process
        self.onErrors = onErrors
    }

    deinit { self.kill() }

    /// Makes sure that nothing is left over from the last exchange.
    func checkQuiet() throws(VerifierFault) {
        try self.readOutput()
        if !self.output.isEmpty { throw .unasked }
    }

    /// Writes a line and waits for the one that answers it, which comes back without its line feed.
    /// - Parameter isInterrupted: Looked at every 100 ms.
    func exchange(
        _ request: [UInt8], within limit: Duration, unless isInterrupted: () -> Bool
    ) throws(VerifierFault) -> [UInt8] {
        let deadline = ContinuousClock.now + limit
        var rest = request[...]
        while true {
            if isInterrupted() { throw .interrupted }
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw .silent(limit) }
            self.wait(wanting: !rest.isEmpty, for: min(left, .milliseconds(100)))
            self.readErrors()
            if !rest.isEmpty { try self.write(&rest) }
            try self.readOutput()
            if let end = self.output.firstIndex(of: UInt8(ascii: "\n")), end <= Self.lineLimit {
                // An answer to a request that it has not read is none.
                guard rest.isEmpty else { throw .unasked }
                defer { self.output.removeFirst(end + 1) }
                return Array(self.output[..<end])
            }
            if self.output.count > Self.lineLimit { throw .tooLong(limit: Self.lineLimit) }
        }
    }

    /// Ends the program and everything it has started, and says how it ended.
    @discardableResult
    func kill() -> String {
        guard self.isAlive else { return "killed before" }
        self.isAlive = false
        close(self.process.leash)
        self.readErrors()
        var status: Int32 = 0
        while waitpid(self.process.id, &status, 0) < 0, errno == EINTR {}
        for descriptor in [self.process.input, self.process.output, self.process.errors] { close(descriptor) }
        let signal = status & 0x7f
        return signal == 0 ? "exit status \((status >> 8) & 0xff)" : "signal \(signal)"
    }

    /// Waits until a stream is ready, or a while.
    private func wait(wanting isWriting: Bool, for limit: Duration) {
        let milliseconds = Int32(limit / .milliseconds(1)) + 1
        // poll ignores negative descriptors.
        var streams = [
            pollfd(fd: self.process.output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: self.errorsOpen ? self.process.errors : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: isWriting ? self.process.input : -1, events: Int16(POLLOUT), revents: 0),
        ]
        // An interrupted wait is only a shorter one.
        _ = poll(&streams, nfds_t(streams.count), milliseconds)
    }

    private func write(_ rest: inout ArraySlice<UInt8>) throws(VerifierFault) {
        var written = 0
        let failure = rest.withUnsafeBytes { bytes in
            ead_write_pipe(self.process.input, bytes.baseAddress, bytes.count, &written)
        }
        rest = rest.dropFirst(written)
        guard [0, EAGAIN, EINTR].contains(failure) else { throw .died(self.kill()) }
    }

    /// Takes what the program has written, up to a little more than a line may have.
    private func readOutput() throws(VerifierFault) {
        while self.output.count <= Self.lineLimit {
            guard let bytes = Self.read(self.process.output) else { return }
            guard !bytes.isEmpty else { throw .died(self.kill()) }
            self.output += bytes
        }
    }

    private func readErrors() {
        // Once around the buffer of a pipe: a program that never stops writing must not keep us.
        for _ in 0..<16 where self.errorsOpen {
            guard let bytes = Self.read(self.process.errors) else { return }
            if bytes.isEmpty { self.errorsOpen = false } else { self.onErrors(bytes) }
        }
    }

    /// What can be read without waiting: nil if nothing now, empty at the end.
    private static func read(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count >= 0 { return Array(buffer[..<count]) }
            if errno == EAGAIN { return nil }
            // Nothing else can be wrong with a pipe of our own; the end is what it would mean.
            if errno != EINTR { return [] }
        }
    }
}
