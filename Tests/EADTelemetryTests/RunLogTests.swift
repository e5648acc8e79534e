import EADCore
import EADFiles
import EADTelemetry
import EADTestKit
import Foundation
import Testing

struct RunLogTests {
    private let path = "\(FileManager.default.temporaryDirectory.path)/ead-\(UUID().uuidString).jsonl"

    private func removeFile() {
        do { try FileManager.default.removeItem(atPath: self.path) } catch { Issue.record(error) }
    }

    private func record(_ step: UInt64) -> RunRecord {
        RunRecord(
            kind: .step, time: 1.5 + Double(step), step: GlobalStep(step),
            values: ["loss": -0.25, "rewardMean": .nan, "ratioMax": .infinity], notes: ["worker": "a/\n\"ü\""])
    }

    @Test func recordsAreReadBackInOrder() throws {
        defer { self.removeFile() }
        let event = RunRecord(kind: .event, time: 0, step: GlobalStep(0), notes: ["what": "started"])
        do {
            var log = try RunLog(path: self.path, durability: .disk)
            try log.append(event)
            for step in 0..<5 as Range<UInt64> { try log.append(self.record(step)) }
            #expect(log.discardedBytes == 0)
        }
        let records = try RunLog.read(path: self.path).records
        #expect(records.count == 6)
        #expect(records[0] == event)
        #expect(records.dropFirst().map(\.step.rawValue) == [0, 1, 2, 3, 4])
        #expect(records[1].values["loss"] == -0.25 && records[1].values["ratioMax"] == .infinity)
        #expect(records[1].values["rewardMean"]?.isNaN == true)
        #expect(records[1].notes == ["worker": "a/\n\"ü\""])
        let text = try String(contentsOfFile: self.path, encoding: .utf8)
        #expect(text.split(separator: "\n").count == 6)
        #expect(text.hasPrefix("{\"kind\":\"event\",\"notes\":{\"what\":\"started\"},\"step\":0,\"time\":0}\n"))
    }

    /// Every possible place of a crash inside the last line.
    @Test func aTornLastLineIsPassedOverAndCutOff() throws {
        defer { self.removeFile() }
        do {
            var log = try RunLog(path: self.path)
            for step in 0..<3 as Range<UInt64> { try log.append(self.record(step)) }
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: self.path))
        let lineLength = whole.count / 3
        for torn in 1..<lineLength {
            try whole.dropLast(torn).write(to: URL(fileURLWithPath: self.path))
            #expect(try RunLog.read(path: self.path).records.count == 2)
            do {
                var log = try RunLog(path: self.path)
                #expect(log.discardedBytes == lineLength - torn)
                try log.append(self.record(2))
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: self.path)) == whole)
        }
    }

    @Test func aTornLineLongerThanABlockIsCutOffToo() throws {
        defer { self.removeFile() }
        let torn = String(repeating: "x", count: 10_000)
        try Data(torn.utf8).write(to: URL(fileURLWithPath: self.path))
        #expect(try RunLog(path: self.path).discardedBytes == 10_000)
        #expect(try RunLog.read(path: self.path).records.isEmpty)
        try Data(("{}\n" + torn).utf8).write(to: URL(fileURLWithPath: self.path))
        #expect(try RunLog(path: self.path).discardedBytes == 10_000)
    }

    @Test func aDamagedByteAnywhereTakesNoOtherLineWithIt() throws {
        defer { self.removeFile() }
        do {
            var log = try RunLog(path: self.path)
            for step in 0..<3 as Range<UInt64> { try log.append(self.record(step)) }
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: self.path))
        let line = whole.count / 3
        for place in stride(from: 0, to: whole.count, by: 3) where whole[place] != UInt8(ascii: "\n") {
            for byte: UInt8 in [0, 0xFF, UInt8(ascii: "}")] {
                var damaged = whole
                damaged[place] = byte
                try damaged.write(to: URL(fileURLWithPath: self.path))
                let contents = try RunLog.read(path: self.path)
                #expect(contents.records.count + contents.damagedLines.count == 3)
                #expect(contents.damagedLines.allSatisfy { $0 == place / line + 1 })
                let log = try RunLog(path: self.path)
                #expect(try log.tail(bytes: 1 << 20).records.map(\.step) == contents.records.map(\.step))
            }
        }
    }

    @Test func theTailHasTheLastRecordsThatFitWhole() throws {
        defer { self.removeFile() }
        var log = try RunLog(path: self.path)
        for step in 0..<50 as Range<UInt64> { try log.append(self.record(step)) }
        let whole = try Data(contentsOf: URL(fileURLWithPath: self.path)).count
        for bytes in [0, 1, whole / 7, whole - 1, whole, 2 * whole] {
            let tail = try log.tail(bytes: bytes).records.map(\.step.rawValue)
            #expect(tail == Array(UInt64(50 - tail.count)..<50))
            #expect(abs(tail.count - min(50, 50 * bytes / whole)) <= 1)
        }
    }

    @Test func aLogHasOneWriterAtATime() throws {
        defer { self.removeFile() }
        do {
            var log = try RunLog(path: self.path)
            #expect(throws: FileError(.lock, self.path, .held(by: nil))) { _ = try RunLog(path: self.path) }
            try log.append(self.record(0))
        }
        var log = try RunLog(path: self.path)
        try log.append(self.record(1))
        #expect(try RunLog.read(path: self.path).records.count == 2)
    }

    @Test func failuresNameThePathAndTheOperation() throws {
        let error = try #require(throws: FileError.self) { _ = try RunLog(path: "/nowhere/log.jsonl") }
        #expect("\(error)" == "cannot open /nowhere/log.jsonl: No such file or directory; check the path")
        #expect(throws: FileError.self) { try RunLog.read(path: self.path) }
        // Writes to this device fail as on a full disk.
        if FileManager.default.fileExists(atPath: "/dev/full") {
            let full = try #require(throws: FileError.self) {
                var log = try RunLog(path: "/dev/full")
                try log.append(self.record(0))
            }
            #expect(full.isDiskFull && full.path == "/dev/full")
        }
    }
}
