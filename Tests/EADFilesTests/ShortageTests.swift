import EADFiles
import Foundation
import Glibc
import Synchronization
import Testing

/// A shortage of descriptors, memory or processes passes: it is never the end of anything by itself.
@Suite struct ShortageTests {
    @Test(arguments: [EMFILE, ENFILE, ENOMEM, ENOBUFS])
    func aFileIsOpenedOnceThereIsADescriptorAgain(code: Int32) throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/file"
            let refusals = Mutex(5)
            try FileFaults.with(under: directory) { operation, _ in
                guard operation == .create else { return nil }
                return refusals.withLock { left in
                    left -= 1
                    return left >= 0 ? .failure(code) : nil
                }
            } _: {
                let bytes: [UInt8] = [1, 2, 3]
                try DurableFile.replace(path, with: bytes.span.bytes)
            }
            #expect(try FileContents.read(path) == [1, 2, 3])
            #expect(refusals.withLock { $0 } < 0)
        }
    }

    @Test func aShortageThatDoesNotPassIsAnErrorInTheEnd() {
        let calls = Mutex(0)
        let start = ContinuousClock.now
        let code = Shortage.wait("to test", patience: .milliseconds(50)) {
            calls.withLock { $0 += 1 }
            return EMFILE
        }
        #expect(code == EMFILE && calls.withLock { $0 } > 2)
        #expect(start.duration(to: .now) >= .milliseconds(50))
    }

    @Test func nothingElseIsWaitedFor() {
        for code in [0, ENOENT, EACCES, ENOSPC, EAGAIN, EIO] {
            var calls = 0
            let result = Shortage.wait("to test") {
                calls += 1
                return code
            }
            #expect(result == code && calls == 1)
        }
        #expect(Shortage.isPassingForProcesses(EAGAIN) && !Shortage.isPassing(EAGAIN))
    }

    @Test func whoWaitsLongerThanAMomentSaysForWhat() async throws {
        let told = Mutex<[String]>([])
        Shortage.tell { text in told.withLock { $0.append(text) } }
        let code = Shortage.wait("to open the test", patience: .milliseconds(1300)) { EMFILE }
        #expect(code == EMFILE)
        #expect(told.withLock { $0 }.contains("waits to open the test: Too many open files"))
    }
}
