import EADFiles
import Glibc
import Testing

@Suite struct FileTreeTests {
    @Test func aDirectoryIsMadeWithThoseAboveItAndIsTheOwnersAlone() throws {
        try withTemporaryDirectory { directory in
            for path in [directory + "/a/b/c", directory + "/a/b/c", directory + "/a/d/", directory + "/a"] {
                try FileTree.createDirectory(path, access: .owner)
            }
            #expect(try permissions(of: directory + "/a/b/c") == 0o700)
            #expect(try permissions(of: directory + "/a/d") == 0o700)
            #expect(try FileTree.names(in: directory + "/a") == ["b", "d"])
            try DurableFile.create(directory + "/file", with: [UInt8]().span.bytes, access: .owner)
            for path in [directory + "/file", directory + "/file/below"] {
                #expect(throws: FileError.self) { try FileTree.createDirectory(path, access: .owner) }
            }
        }
    }

    @Test func deletingATreeLeavesWhatItsLinksPointTo() throws {
        try withTemporaryDirectory { directory in
            try FileTree.createDirectory(directory + "/tree/below", access: .everyone)
            try FileTree.createDirectory(directory + "/kept", access: .everyone)
            for path in ["/kept/file", "/tree/below/file", "/tree/file"] {
                try DurableFile.create(directory + path, with: "x".data.span.bytes, access: .everyone)
            }
            #expect(symlink(directory + "/kept", directory + "/tree/link") == 0)
            try FileTree.delete(directory + "/tree")
            #expect(try FileTree.names(in: directory) == ["kept"])
            #expect(try FileTree.names(in: directory + "/kept") == ["file"])
            #expect(throws: FileError(.examine, directory + "/tree", .system(ENOENT))) {
                try FileTree.delete(directory + "/tree")
            }
        }
    }

    @Test(arguments: ["/", "/a", "/a/b", "a", "a/b"]) func aPathIsItsDirectoryAndItsName(path: String) {
        let directory = FileTree.directory(of: path)
        let name = FileTree.name(of: path)
        #expect([directory + "/" + name, directory + name, name].contains(path))
    }

    @Test func onlyRegularFilesAreReadAndNotBeyondALimit() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/file"
            try DurableFile.create(path, with: "1234".data.span.bytes, access: .everyone)
            #expect(try FileContents.read(path, limit: 4) == "1234".data)
            #expect(throws: FileError.self) { try FileContents.read(path, limit: 3) }
            #expect(throws: FileError.self) { try FileContents.read(directory) }
            #expect(mkfifo(directory + "/pipe", 0o600) == 0)
            #expect(throws: FileError.self) { try FileContents.read(directory + "/pipe") }
            // Files of the kernel say that they are empty.
            #expect(try !FileContents.read("/proc/self/status").isEmpty)
        }
    }

    @Test func aLockIsHeldByOneAndNamesItsHolder() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/.lock"
            try {
                let lock = try LockFile(path)
                let error = try #require(throws: FileError.self) { _ = try LockFile(path) }
                #expect(error.cause == .held(by: "\(getpid())"))
                withExtendedLifetime(lock) {}
            }()
            _ = try LockFile(path)
        }
    }
}
