import EADTestKit
import Foundation
import Glibc
import Testing

@testable import EADRuntime

/// What a service manager hears.
struct ServiceNoticeTests {
    /// A manager's socket, by the name that a process is told.
    private func listen(_ path: [UInt8], _ body: (Int32) -> Void) throws {
        let handle = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(handle) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address) { $0[2...].copyBytes(from: path) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(handle, $0, socklen_t(2 + path.count)) }
        }
        try #require(bound == 0)
        body(handle)
    }

    private func received(_ handle: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = recv(handle, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count < 0 ? "" : String(decoding: bytes[..<count], as: UTF8.self)
    }

    @Test func aManagerHearsThatItIsReadyAliveAndLeaving() throws {
        try withTemporaryDirectory { directory in
            let abstract = "ead-test-\(UUID().uuidString)"
            for (name, path) in [
                (directory + "/n", Array((directory + "/n").utf8) + [0]), ("@" + abstract, [0] + Array(abstract.utf8)),
            ] {
                try self.listen(path) { handle in
                    let notice = ServiceNotice(["NOTIFY_SOCKET": name], process: 1)
                    notice.ready()
                    #expect(self.received(handle) == "READY=1")
                    notice.alive()
                    #expect(self.received(handle) == "WATCHDOG=1")
                    notice.leaving()
                    #expect(self.received(handle) == "STOPPING=1")
                    #expect(notice.interval == nil)
                }
            }
        }
    }

    @Test func onlyTheProcessThatIsWatchedSaysThatItIsNotStuck() {
        let environment = ["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "7"]
        #expect(ServiceNotice(environment, process: 7).interval == .seconds(30))
        #expect(ServiceNotice(environment, process: 8).interval == nil)
        #expect(ServiceNotice(["WATCHDOG_USEC": "1000000"], process: 8).interval == .milliseconds(500))
        #expect(ServiceNotice(["WATCHDOG_USEC": "often"], process: 8).interval == nil)
    }

    @Test func nobodyIsToldWhereNobodyAsks() {
        ServiceNotice([:], process: 1).ready()
        ServiceNotice(["NOTIFY_SOCKET": String(repeating: "x", count: 500)], process: 1).ready()
        ServiceNotice(["NOTIFY_SOCKET": "/nowhere"], process: 1).ready()
    }
}
