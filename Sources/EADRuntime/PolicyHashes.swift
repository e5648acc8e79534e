import Crypto
package import EADCore
package import EADMessages
import EADProtocol

/// SHA-256 over the flat parameters of a policy, chunk by chunk.
package enum PolicyHashes {
    /// The hash of one chunk, 32 bytes.
    package static func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    /// The hashes of all chunks of `PolicyManifest.maximumChunkBytes`.
    package static func chunks(of bytes: UnsafeRawBufferPointer) -> [[UInt8]] {
        let chunkBytes = UInt32(PolicyManifest.maximumChunkBytes)
        guard let chunking = PolicyChunking(totalBytes: UInt64(bytes.count), chunkBytes: chunkBytes) else { return [] }
        return (0..<chunking.count).map { index in
            let range = chunking.range(of: index)
            return self.hash(UnsafeRawBufferPointer(rebasing: bytes[Int(range.lowerBound)..<Int(range.upperBound)]))
        }
    }

    /// Describes flat parameters as a version to be fetched.
    package static func manifest(
        of bytes: UnsafeRawBufferPointer, version: PolicyVersion, precision: Precision
    ) -> PolicyManifest {
        self.manifest(
            chunkHashes: self.chunks(of: bytes), totalBytes: UInt64(bytes.count), version: version, precision: precision
        )
    }

    /// Describes parameters whose chunks have these hashes.
    package static func manifest(
        chunkHashes: [[UInt8]], totalBytes: UInt64, version: PolicyVersion, precision: Precision
    ) -> PolicyManifest {
        PolicyManifest(
            version: version, precision: precision, totalBytes: totalBytes,
            chunkBytes: UInt32(PolicyManifest.maximumChunkBytes), chunkHashes: chunkHashes,
            rootHash: Array(SHA256.hash(data: chunkHashes.flatMap { $0 })))
    }
}
