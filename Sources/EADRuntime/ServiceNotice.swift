import Foundation
import Glibc

/// Tells the service manager that started this process how it is, by the protocol of systemd's `sd_notify`; nothing where no
/// manager asks.
struct ServiceNotice: Sendable {
    private let address: String?
    /// How often the manager wants to hear that the process is not stuck: half of its deadline; nil where it does not ask.
    let interval: Duration?

    /// As this process was started.
    static let standard = ServiceNotice(ProcessInfo.processInfo.environment, process: ProcessIdentity.id)

    init(_ environment: [String: String], process: UInt32) {
        self.address = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        // Whom a variable is meant for that children inherit.
        let isMeant = environment["WATCHDOG_PID"].map { UInt32($0) == process } ?? true
        self.interval = environment["WATCHDOG_USEC"].flatMap { Int64($0) }.flatMap {
            isMeant && $0 > 0 ? .microseconds($0 / 2) : nil
        }
    }

    /// It is connected or listens, and does its work.
    func ready() { self.send("READY=1") }
    /// It was told to leave, and finishes what it has.
    func leaving() { self.send("STOPPING=1") }
    /// It is not stuck.
    func alive() { self.send("WATCHDOG=1") }

    /// A manager that hears nothing decides by its own deadlines.
    private func send(_ message: String) {
        guard let name = self.address else { return }
        let handle = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard handle >= 0 else { return }
        defer { close(handle) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // A name that begins with @ is in the abstract namespace, where it begins with a zero byte.
        let bytes = name.hasPrefix("@") ? [0] + Array(name.utf8.dropFirst()) : Array(name.utf8) + [0]
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        guard offset + bytes.count <= MemoryLayout<sockaddr_un>.size else { return }
        withUnsafeMutableBytes(of: &address) { $0[offset...].copyBytes(from: bytes) }
        let length = socklen_t(offset + bytes.count)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
                _ = Array(message.utf8).withUnsafeBytes {
                    sendto(handle, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT), target, length)
                }
            }
        }
    }
}
