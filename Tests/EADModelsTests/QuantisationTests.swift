import Foundation
import Testing

@testable import EADModels

/// Encodings against gguf-py (scripts/reference/quantisations.py), to the bit.
struct QuantisationTests {
    struct Golden: Decodable {
        private let blocks: String
        private let values: String

        var bytes: [UInt8] { Self.bytes(self.blocks) }
        var floats: [Float] {
            Self.bytes(self.values).withUnsafeBytes { bytes in
                stride(from: 0, to: bytes.count, by: 4).map { bytes.loadUnaligned(fromByteOffset: $0, as: Float.self) }
            }
        }

        private static func bytes(_ digits: String) -> [UInt8] {
            let values = digits.utf8.map { $0 >= 97 ? $0 - 87 : $0 - 48 }
            return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
        }
    }

    static func golden() throws -> [String: Golden] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/quantisations", withExtension: "json"))
        return try JSONDecoder().decode([String: Golden].self, from: Data(contentsOf: url))
    }

    @Test(arguments: TensorEncoding.allCases.filter { $0 != .f32 })
    func blocksAreDecodedAsTheReferenceDoes(encoding: TensorEncoding) throws {
        let golden = try #require(Self.golden()[encoding.name])
        let expected = golden.floats
        #expect(golden.bytes.count == expected.count / encoding.blockSize * encoding.blockBytes)
        var decoded = [Float](repeating: .nan, count: expected.count)
        // From an odd address, as data of a safetensors file may have.
        ([0] + golden.bytes).withUnsafeBytes { bytes in
            decoded.withUnsafeMutableBufferPointer {
                encoding.decoder(bytes.baseAddress.map { $0 + 1 }, $0.baseAddress, $0.count)
            }
        }
        let differences = zip(decoded, expected).count { $0.bitPattern != $1.bitPattern }
        #expect(differences == 0)
    }

    @Test(arguments: [TensorEncoding.f16, .bf16, .q8_0])
    func numbersAreEncodedAsTheReferenceDoes(encoding: TensorEncoding) throws {
        let golden = try #require(Self.golden()["to \(encoding.name)"])
        let numbers = golden.floats
        var encoded = [UInt8](repeating: 0xAA, count: golden.bytes.count)
        let encoder = try #require(encoding.encoder)
        numbers.withUnsafeBufferPointer { numbers in
            encoded.withUnsafeMutableBytes { encoder(numbers.baseAddress, $0.baseAddress, numbers.count) }
        }
        #expect(encoded == golden.bytes)
    }
}
