import EADConfiguration
import EADFiles
import EADTestKit
import Foundation
import Glibc
import Logging
import Testing

@testable import EADRuntime

struct LogTests {
    private func write(_ lines: Range<Int>, to file: String, of directory: String, limit: Int) throws {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let output = RotatingOutput(directory: RunLayout(directory), limit: limit, descriptor: descriptor)
        for line in lines { output.write("line \(line)\n") }
    }

    @Test func aLogOfTheRunIsPutAsideWithoutLosingALine() throws {
        try withTemporaryDirectory { directory in
            let file = directory + "/w1.log"
            // Whoever is started again goes on where the log stands.
            try self.write(10..<20, to: file, of: directory, limit: 100)
            try self.write(20..<30, to: file, of: directory, limit: 100)
            let (older, newer) = (try FileContents.read(file + ".1"), try FileContents.read(file))
            #expect(older.count == 96 && newer.count == 64)
            let text = String(decoding: older + newer, as: UTF8.self)
            #expect(text == (10..<30).map { "line \($0)\n" }.joined())
        }
    }

    @Test func whatIsNoLogOfTheRunIsLeftToItsOwner() throws {
        try withTemporaryDirectory { directory in
            try FileTree.createDirectory(directory + "/run", access: .owner)
            try self.write(10..<40, to: directory + "/slurm.out", of: directory + "/run", limit: 100)
            try self.write(10..<40, to: directory + "/run/w1.log", of: directory + "/run", limit: 0)
            #expect(try FileTree.names(in: directory).sorted() == ["run", "slurm.out"])
            #expect(try FileTree.names(in: directory + "/run") == ["w1.log"])
        }
    }

    @Test func aLineIsReadBackInBothFormats() {
        let line = LogLine(
            time: Date(timeIntervalSince1970: 1_700_000_000.25), level: .warning, node: "w1", message: "it: \"is\"\nso")
        #expect(line.text(.text) == "2023-11-14T22:13:20.250Z warning w1: it: \"is\"\nso")
        #expect(LogLine(line.text(.json)[...]) == line)
        #expect(!line.text(.json).contains("\n"))
        let short = LogLine(time: line.time, level: "info", node: "w1", message: "a b")
        #expect(LogLine(short.text(.text)[...]) == short)
        for other in ["", "Fatal error: x", "{\"a\": 1}", "2023 info w1: a", "2023-11-14T22:13:20.250Z loud w1: a"] {
            #expect(LogLine(other[...]) == nil, "\(other)")
        }
    }
}
