import EADCore
import EADFiles
import EADTestKit
import Foundation
import Testing

@testable import EADTelemetry

/// Files of events, byte for byte; that TensorBoard reads them is checked by scripts/reference/tensorboard_events.py.
struct EventFileTests {
    @Test func checksumsAreThoseOfTheStandard() {
        // RFC 3720, B.4.
        #expect(MaskedChecksum.crc32c(Array("123456789".utf8)) == 0xE306_9283)
        #expect(MaskedChecksum.crc32c([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(MaskedChecksum.crc32c([]) == 0)
    }

    /// The records of a file, each checked against its checksums.
    private func events(_ path: String) throws -> [[UInt8]] {
        var rest = try FileContents.read(path)[...]
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        var events: [[UInt8]] = []
        while !rest.isEmpty {
            let length = rest.prefix(8)
            #expect(word(rest.dropFirst(8).prefix(4)) == UInt64(MaskedChecksum.masked(Array(length))))
            let event = Array(rest.dropFirst(12).prefix(Int(word(length))))
            rest = rest.dropFirst(12 + event.count)
            #expect(word(rest.prefix(4)) == UInt64(MaskedChecksum.masked(event)))
            rest = rest.dropFirst(4)
            events.append(event)
        }
        return events
    }

    @Test func figuresAreEventsOfTheirStepUnderTheirGroup() throws {
        try withTemporaryDirectory { directory in
            var file = try EventFile(directory: directory + "/e", host: "a/b", process: 7, time: 12)
            try file.append(
                RunRecord(
                    kind: .step, time: 0.5, step: GlobalStep(300), values: ["reward": 0.25, "strange": .infinity]))
            try file.append(RunRecord(kind: .event, time: 1, step: GlobalStep(3), notes: ["event": "paused"]))
            #expect(file.path == directory + "/e/events.out.tfevents.0000000012.a_b.7.0")
            let events = try self.events(file.path)
            let time: [UInt8] = [0x09, 0, 0, 0, 0, 0, 0, 0x28, 0x40]
            let figure: [UInt8] =
                [0x0A, 21, 0x0A, 14] + Array("rewards/reward".utf8) + [0x15, 0, 0, 0x80, 0x3E]
            let other: [UInt8] = [0x0A, 20, 0x0A, 13] + Array("other/strange".utf8) + [0x15, 0, 0, 0x80, 0x7F]
            #expect(
                events == [
                    time + [0x1A, 13] + Array("brain.Event:2".utf8), time + [0x10, 0, 0x3A, 2, 0x08, 1],
                    [0x09, 0, 0, 0, 0, 0, 0, 0xE0, 0x3F, 0x10, 0xAC, 0x02, 0x2A, UInt8(figure.count + other.count)]
                        + figure + other,
                ], "\(events)")
        }
    }

    @Test func intervalsAreWithTheFigureTheyAreOf() {
        #expect(EventFile.tag(of: MetricKey(name: "mean_low"), in: .evaluation) == "evaluation/mean_low")
        #expect(EventFile.tag(of: MetricKey(name: "pass_at_8_high"), in: .evaluation) == "evaluation/pass_at_8_high")
        #expect(EventFile.tag(of: MetricKey(name: "entropy"), in: .step).hasSuffix("/entropy"))
    }

    @Test func aNewFileTakesThePlaceOfTheOnesBefore() throws {
        try withTemporaryDirectory { directory in
            _ = try EventFile(directory: directory, host: "h", process: 1, time: 1)
            try Data().write(to: URL(filePath: directory + "/notes.txt"))
            let file = try EventFile(directory: directory, host: "h", process: 2, time: 2)
            let names = try FileTree.names(in: directory).sorted()
            #expect(names == [FileTree.name(of: file.path), "notes.txt"])
        }
    }
}
