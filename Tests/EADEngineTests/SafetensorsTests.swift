import EADCore
import EADEngine
import EADModels
import EADTestKit
import Foundation
import Testing

@Suite struct SafetensorsTests {
    private let layout = ParameterLayout(
        ModelShape(
            layers: 1, hidden: 4, feedForward: 6, heads: 2, keyValueHeads: 1, headSize: 2, vocabulary: 5,
            contextLength: 8, ropeBase: 10_000, normEpsilon: 1e-5, tiedEmbedding: true))

    private func read(_ path: String) throws -> [Float] {
        var values = [Float](repeating: .nan, count: self.layout.count)
        try values.withUnsafeMutableBufferPointer { try Safetensors.read(path, self.layout, into: $0) }
        return values
    }

    private func written(_ values: [Float], to path: String) throws -> [UInt8] {
        try values.withUnsafeBufferPointer { try Safetensors.write($0, self.layout, to: path) }
        return try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test func theFileIsLaidOutAsTheFormatSays() throws {
        try withTemporaryDirectory { directory in
            let values = (0..<self.layout.count).map { Float($0) - 3.5 }
            let bytes = try self.written(values, to: directory + "/model.safetensors")
            let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
            #expect((8 + length) % 64 == 0)
            #expect(bytes.count == 8 + length + 4 * values.count)
            let parsed = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length]))
            let header = try #require(parsed as? [String: [String: Any]])
            #expect(header.count == self.layout.entries.count + 1)
            let entry = try #require(self.layout["model.layers.0.mlp.down_proj.weight"])
            let tensor = try #require(header[entry.name])
            #expect(tensor["dtype"] as? String == "F32")
            #expect(tensor["shape"] as? [Int] == [4, 6])
            #expect(tensor["data_offsets"] as? [Int] == [4 * entry.offset, 4 * (entry.offset + 24)])
            #expect(header["model.norm.weight"]?["shape"] as? [Int] == [4])
            let data = bytes[(8 + length)...].withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
            #expect(data == values)
        }
    }

    @Test func bothElementTypesAreRead() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/model.safetensors"
            let values = (0..<self.layout.count).map { Float($0) / 8 - 3 }
            _ = try self.written(values, to: path)
            #expect(try self.read(path) == values)
            // These values have at most eight significant bits, so bfloat16 holds them exactly.
            let halves = values.map { UInt16($0.bitPattern >> 16) }
            try halves.withUnsafeBufferPointer { try Safetensors.write($0, self.layout, to: path) }
            #expect(try self.read(path) == halves.map { Float(bitPattern: UInt32($0) << 16) })
        }
    }

    @Test func tensorsInAnotherOrderFindTheirPlace() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/model.safetensors"
            var json: [String] = []
            var data: [Float] = []
            for entry in self.layout.entries.reversed() {
                let shape = entry.rows == 1 ? "[\(entry.columns)]" : "[\(entry.rows), \(entry.columns)]"
                let start = 4 * data.count
                data += entry.range.map { Float($0) }
                json.append(
                    #""\#(entry.name)": {"dtype": "F32", "shape": \#(shape), "data_offsets": [\#(start), \#(4 * data.count)]}"#
                )
            }
            try Self.file("{\(json.joined(separator: ", "))}", data).write(to: URL(fileURLWithPath: path))
            #expect(try self.read(path) == (0..<self.layout.count).map { Float($0) })
        }
    }

    @Test func aFileCutAnywhereIsRefused() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/model.safetensors"
            let bytes = try self.written([Float](repeating: 1, count: self.layout.count), to: path)
            for length in (0..<bytes.count).reversed() {
                try #require(truncate(path, length) == 0)
                #expect(throws: CheckpointError.self) { try self.read(path) }
            }
        }
    }

    @Test func damagedHeadersGiveAnErrorOrTheSameTensorsButNeverATrap() throws {
        var random = SplitMix64(seed: 8)
        try withTemporaryDirectory { directory in
            let path = directory + "/model.safetensors"
            let original = try self.written([Float](repeating: 1, count: self.layout.count), to: path)
            let header = original.count - 4 * self.layout.count
            var refused = 0
            for _ in 0..<2000 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let place = Int.random(in: 0..<header, using: &random)
                    let digit = Array("0123456789-[]{},\"e".utf8).randomElement(using: &random)
                    let flipped = bytes[place] ^ 1 << UInt8.random(in: 0..<8, using: &random)
                    bytes[place] = Bool.random(using: &random) ? flipped : digit ?? 0
                }
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                do { _ = try self.read(path) } catch is CheckpointError { refused += 1 }
            }
            #expect(refused > 1000)
        }
    }

    @Test(arguments: [
        #"{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551616]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
        #"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        #"[]"#, "", String(repeating: "[", count: 100_000),
    ])
    func impossibleHeadersAreRefused(json: String) throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/model.safetensors"
            try Self.file(json, [1]).write(to: URL(fileURLWithPath: path))
            let error = try #require(throws: CheckpointError.self) { try self.read(path) }
            #expect(error.code == .damaged)
        }
    }

    @Test func aFullDiskIsNamed() throws {
        let values = [Float](repeating: 1, count: self.layout.count)
        let error = try #require(throws: CheckpointError.self) { try self.written(values, to: "/dev/full") }
        #expect(error.code == .diskFull)
        #expect(error.path == "/dev/full")
    }

    private static func file(_ json: String, _ data: [Float]) -> Data {
        var file = withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Data($0) }
        file += Data(json.utf8)
        file += data.withUnsafeBytes { Data($0) }
        return file
    }
}
