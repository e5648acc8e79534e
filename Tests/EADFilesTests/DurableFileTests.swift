import EADFiles
import Foundation
import Glibc
import Testing

@Suite struct DurableFileTests {
    private func names(_ directory: String) throws -> [String] { try FileTree.names(in: directory) }

    private func replace(_ path: String, _ text: String, access: FileAccess = .everyone) throws {
        try DurableFile.replace(path, with: text.data.span.bytes, access: access)
    }

    @Test func aFileIsReplacedWholeAndNothingElseIsLeft() throws {
        try withTemporaryDirectory { directory in
            let file = directory + "/state"
            for contents in [[], "first".data, [UInt8](repeating: 7, count: 3 << 20), "x".data] {
                try DurableFile.replace(file, with: contents.span.bytes)
                #expect(try FileContents.read(file) == contents)
            }
            #expect(try self.names(directory) == ["state"])
        }
    }

    @Test func whatADeadWriterLeftBehindDoesNotMatter() throws {
        try withTemporaryDirectory { directory in
            let file = directory + "/state"
            try self.replace(file, "old")
            try self.replace(directory + "/state.tmp", "a torn and longer contents")
            try self.replace(file, "new")
            #expect(try text(of: file) == "new")
            #expect(try self.names(directory) == ["state"])
        }
    }

    @Test func aFailureNamesThePathAndLeavesTheOldFile() throws {
        try withTemporaryDirectory { directory in
            let file = directory + "/state"
            try self.replace(file, "old")
            // The temporary file cannot be created where a directory has its name.
            try FileTree.createNewDirectory(directory + "/state.tmp", access: .everyone)
            let error = try #require(throws: FileError.self) { try self.replace(file, "new") }
            #expect(error.operation == .create && error.path == file + ".tmp" && error.systemError == EEXIST)
            #expect(try text(of: file) == "old")
            #expect(throws: FileError.self) { try FileTree.flushNames(in: directory + "/absent") }
        }
    }

    /// The error is that of the call which failed, and what the call was for has not happened.
    @Test(arguments: [FileError.Operation.create, .write, .flush, .rename], [ENOSPC, EIO, EACCES])
    func whateverFailsTheOldFileIsWhole(operation: FileError.Operation, code: Int32) throws {
        try withTemporaryDirectory { directory in
            let file = directory + "/state"
            try self.replace(file, "old")
            let error = try #require(throws: FileError.self) {
                try FileFaults.with(under: directory) { asked, path in
                    asked == operation && path.hasSuffix(".tmp") ? .failure(code) : nil
                } _: {
                    try self.replace(file, "new")
                }
            }
            #expect(error == FileError(operation, file + ".tmp", .system(code)))
            #expect(error.isDiskFull == (code == ENOSPC))
            #expect(try text(of: file) == "old")
            #expect(try self.names(directory) == ["state"])
        }
    }

    @Test func signalsAndShortWritesLoseNothing() throws {
        try withTemporaryDirectory { directory in
            let contents = (0..<1000).map { UInt8($0 % 251) }
            let file = directory + "/state"
            let calls = Calls()
            try FileFaults.with(under: directory) { operation, _ in
                // Every call is interrupted once; then a write takes 7 bytes, and a read gives 11.
                if calls.next(operation).isMultiple(of: 2) { return .failure(EINTR) }
                return operation == .write ? .short(7) : operation == .read ? .short(11) : nil
            } _: {
                try DurableFile.replace(file, with: contents.span.bytes)
                #expect(try FileContents.read(file) == contents)
            }
            #expect(calls.count(.write) == 2 * ((1000 + 6) / 7))
            #expect(calls.count(.flush) == 4 && calls.count(.rename) == 2)
            #expect(calls.count(.read) > 2 * 1000 / 11)
        }
    }

    @Test func aLinkIsReplacedNotFollowed() throws {
        try withTemporaryDirectory { directory in
            let victim = directory + "/victim"
            try self.replace(victim, "untouched")
            for name in ["state", "state.tmp"] { #expect(symlink(victim, directory + "/" + name) == 0) }
            try self.replace(directory + "/state", "new")
            #expect(try text(of: directory + "/state") == "new")
            #expect(try text(of: victim) == "untouched")
            #expect(symlink(victim, directory + "/log") == 0)
            let error = try #require(throws: FileError.self) {
                var log = try AppendFile(directory + "/log", durability: .process)
                try log.append("line".data.span.bytes)
            }
            #expect(error.systemError == ELOOP && "\(error)".contains("symbolic link"))
            #expect(try text(of: victim) == "untouched")
        }
    }

    @Test func onlyTheOwnerReadsWhatIsSecret() throws {
        try withTemporaryDirectory { directory in
            let file = directory + "/secret"
            #expect(try permissions(of: directory) == 0o700)
            try self.replace(file, "old", access: .everyone)
            try self.replace(file, "new", access: .owner)
            #expect(try permissions(of: file) == 0o600)
            try DurableFile.create(directory + "/key", with: "key".data.span.bytes, access: .owner)
            #expect(try permissions(of: directory + "/key") == 0o600)
            let error = try #require(throws: FileError.self) {
                try DurableFile.create(directory + "/key", with: "other".data.span.bytes, access: .owner)
            }
            #expect(error.systemError == EEXIST)
            #expect(try text(of: directory + "/key") == "key")
        }
    }

    @Test func whetherAFileCouldBeWrittenIsKnownBeforeAndLeavesNothing() throws {
        try withTemporaryDirectory { directory in
            try DurableFile.check(directory + "/report")
            #expect(try self.names(directory).isEmpty)
            #expect(throws: FileError(.write, directory, .system(EISDIR))) { try DurableFile.check(directory) }
            let error = #expect(throws: FileError.self) { try DurableFile.check(directory + "/none/report") }
            #expect(error?.systemError == ENOENT)
        }
    }

    @Test func aFileThatCouldNotBeWrittenIsNotThere() throws {
        try withTemporaryDirectory { directory in
            let file = directory + "/key"
            #expect(throws: FileError(.write, file, .system(ENOSPC))) {
                try FileFaults.with(under: directory) { asked, _ in
                    asked == .write ? .failure(ENOSPC) : nil
                } _: {
                    try DurableFile.create(file, with: "key".data.span.bytes, access: .owner)
                }
            }
            let left = try self.names(directory)
            #expect(left.isEmpty)
        }
    }

    @Test func errorsSayWhatWhereAndWhatToDo() {
        #expect(
            "\(FileError(.write, "/d/f", .system(ENOSPC)))"
                == "cannot write /d/f: No space left on device; free space on that file system")
        #expect(
            "\(FileError(.open, "/d/f", .system(EACCES)))"
                == "cannot open /d/f: Permission denied; check its permissions and those of its directory")
        #expect(
            "\(FileError(.lock, "/d/f", .held(by: "12")))"
                == "/d/f is held by process 12; stop that process, or use another directory")
        #expect("\(FileError(.read, "/d/f", .malformed(line: 3, "not a record")))" == "/d/f:3: not a record")
    }
}
