import EADCore
import EADMessages
import EADProtocol
import EADRuntime
import Testing

@Suite struct PolicyHashesTests {
    private func hex(_ text: String) -> [UInt8]? { [UInt8](hexadecimal: text) }

    @Test func aChunkHashIsTheSHA256OfItsBytes() {
        // FIPS 180-2, appendix B.1: the message "abc".
        let hash = Array("abc".utf8).withUnsafeBytes { PolicyHashes.hash($0) }
        #expect(hash == self.hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
    }

    @Test func aPolicyIsCutIntoFullChunksAndARest() {
        let size = PolicyManifest.maximumChunkBytes
        var bytes = [UInt8](repeating: 0, count: 2 * size + 3)
        bytes[size] = 1
        bytes.withUnsafeBytes { bytes in
            let manifest = PolicyHashes.manifest(of: bytes, version: PolicyVersion(4), precision: .bf16)
            #expect(manifest.version == PolicyVersion(4) && manifest.precision == .bf16)
            #expect(manifest.totalBytes == UInt64(2 * size + 3) && manifest.chunkBytes == UInt32(size))
            #expect(manifest.chunkHashes.count == 3)
            #expect(manifest.chunkHashes == PolicyHashes.chunks(of: bytes))
            #expect(manifest.chunkHashes[0] != manifest.chunkHashes[1])
            let rest = [UInt8](repeating: 0, count: 3).withUnsafeBytes { PolicyHashes.hash($0) }
            #expect(manifest.chunkHashes[2] == rest)
            let root = manifest.chunkHashes.flatMap { $0 }.withUnsafeBytes { PolicyHashes.hash($0) }
            #expect(manifest.rootHash == root)
        }
    }

    @Test func aManifestThatContradictsItselfHasNoChunks() {
        var manifest = PolicyManifest(
            version: PolicyVersion(1), precision: .f32, totalBytes: 10, chunkBytes: 4,
            chunkHashes: [[], [], []], rootHash: [])
        #expect(manifest.chunking?.range(of: 2) == 8..<10)
        manifest.totalBytes = 13
        #expect(manifest.chunking == nil)
        manifest.totalBytes = .max
        #expect(manifest.chunking == nil)
        manifest.chunkBytes = 0
        #expect(manifest.chunking == nil)
    }

    @Test func anExactMultipleHasNoEmptyChunk() {
        let bytes = [UInt8](repeating: 5, count: PolicyManifest.maximumChunkBytes)
        bytes.withUnsafeBytes { #expect(PolicyHashes.chunks(of: $0).count == 1) }
        #expect(PolicyHashes.chunks(of: UnsafeRawBufferPointer(start: nil, count: 0)).isEmpty)
    }
}
