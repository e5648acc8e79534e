import Foundation
import Glibc

/// Who this process is, for hellos and for people.
package enum ProcessIdentity {
    /// The host's name.
    package static var host: String { ProcessInfo.processInfo.hostName }

    /// The process id.
    package static var id: UInt32 { UInt32(getpid()) }

    /// 16 random bytes; tells this process from others of the same name.
    package static func nonce() -> [UInt8] { (0..<16).map { _ in UInt8.random(in: .min ... .max) } }

    /// Resident memory in bytes, 0 where the system does not say.
    package static var residentBytes: UInt64 {
        // The second field counts resident pages.
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = UInt64(fields[1]) else { return 0 }
        return pages * UInt64(getpagesize())
    }
}
