import EADFiles
import Glibc
import Testing

@Suite struct AppendFileTests {
    @Test func recordsFollowOneAnotherThroughSeveralLives() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/log"
            for record in ["one\n", "two\n", "three\n"] {
                var file = try AppendFile(path, durability: .disk)
                try file.append(record.data.span.bytes)
            }
            let file = try AppendFile(path, durability: .process)
            #expect(file.length == 14)
            #expect(try file.read(4..<8) == "two\n".data)
            #expect(try text(of: path) == "one\ntwo\nthree\n")
        }
    }

    /// Half a record is written, then the disk is full: the next record follows the last whole one.
    @Test(arguments: [AppendFile.Durability.process, .disk])
    func aFailedRecordLeavesTheFileAsItWas(durability: AppendFile.Durability) throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/log"
            var file = try AppendFile(path, durability: durability)
            try file.append("one\n".data.span.bytes)
            let calls = Calls()
            #expect(throws: FileError(.write, path, .system(ENOSPC))) {
                try FileFaults.with(under: directory) { operation, _ in
                    guard operation == .write else { return nil }
                    return calls.next(operation) == 0 ? .short(3) : .failure(ENOSPC)
                } _: {
                    try file.append("a longer one\n".data.span.bytes)
                }
            }
            #expect(file.length == 4)
            #expect(try text(of: path) == "one\n")
            try file.append("two\n".data.span.bytes)
            #expect(try text(of: path) == "one\ntwo\n")
        }
    }

    @Test func aTornRecordThatCouldNotBeCutIsCutBeforeTheNext() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/log"
            var file = try AppendFile(path, durability: .process)
            try file.append("one\n".data.span.bytes)
            let calls = Calls()
            #expect(throws: FileError.self) {
                try FileFaults.with(under: directory) { operation, _ in
                    if operation == .truncate { return .failure(EIO) }
                    return operation == .write && calls.next(operation) == 0 ? .short(3) : .failure(EIO)
                } _: {
                    try file.append("torn".data.span.bytes)
                }
            }
            #expect(try text(of: path) == "one\ntor")
            try file.append("two\n".data.span.bytes)
            #expect(try text(of: path) == "one\ntwo\n")
        }
    }

    /// What may not be on disk must not be counted as if it were.
    @Test func aRecordThatCouldNotBeFlushedIsTakenBack() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/log"
            var file = try AppendFile(path, durability: .disk)
            #expect(throws: FileError(.flush, path, .system(EIO))) {
                try FileFaults.with(under: path) { operation, _ in
                    operation == .flush ? .failure(EIO) : nil
                } _: {
                    try file.append("one\n".data.span.bytes)
                }
            }
            #expect(file.length == 0)
            #expect(try text(of: path) == "")
        }
    }

    @Test func aFullDiskIsNamed() throws {
        var file = try AppendFile("/dev/full", durability: .process)
        do {
            try file.append("one\n".data.span.bytes)
            Issue.record("nothing can be written there")
        } catch {
            #expect(error.isDiskFull && error.path == "/dev/full" && "\(error)".contains("free space"))
        }
    }

    @Test func anExclusiveFileHasOneWriter() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/log"
            do {
                let file = try AppendFile(path, durability: .process, isExclusive: true)
                #expect(throws: FileError(.lock, path, .held(by: nil))) {
                    _ = try AppendFile(path, durability: .process, isExclusive: true)
                }
                #expect(file.length == 0)
            }
            _ = try AppendFile(path, durability: .process, isExclusive: true)
        }
    }
}
