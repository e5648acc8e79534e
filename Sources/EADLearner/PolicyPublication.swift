import EADCore
import EADEngine
import EADMessages
import EADModels
import EADPolicyDelta
import EADProtocol
import EADRuntime
import EADTelemetry

/// The learner's weights as bytes to be fetched: version after version in the same memory, each with what changed.
struct PolicyPublication {
    /// One version as it is given.
    struct Version {
        let manifest: PolicyManifest
        let bytes: SharedBytes
        /// What made it of the one before it; nil when it can only be fetched whole.
        let delta: PublishedDelta?
        /// How much changed; none without a delta.
        let metrics: MetricValues
    }

    private var memory = ReusableBytes()
    /// Of the bytes in memory.
    private var last: PolicyManifest?
    private var codec: DeltaCodec?

    /// Writes the weights as `version`, in the memory of the last one if nobody has that any more.
    ///
    /// Chunk by chunk, so that a version that is compared with the last one needs no memory for a second policy.
    mutating func write(_ engine: any TrainingEngine, as version: PolicyVersion) -> Version {
        let precision = engine.configuration.precision
        let size = precision.bytesPerParameter
        let count = engine.layout.count * size
        let chunkBytes = PolicyManifest.maximumChunkBytes
        guard let chunking = PolicyChunking(totalBytes: UInt64(count), chunkBytes: UInt32(chunkBytes)) else {
            preconditionFailure("a model has parameters")
        }
        var delta = self.delta(to: version, precision: precision)
        var hashes: [[UInt8]] = []
        let bytes = self.memory.write(count: count) { last, memory in
            for index in 0..<chunking.count {
                let range = chunking.range(of: index)
                let place = Int(range.lowerBound)..<Int(range.upperBound)
                let parameters = place.lowerBound / size..<place.upperBound / size
                let chunk = UnsafeMutableRawBufferPointer(rebasing: memory[place])
                if let last, delta != nil {
                    delta?.rewrite(chunk, from: UnsafeRawBufferPointer(rebasing: last[place])) {
                        engine.exportPolicy(parameters, into: $0)
                    }
                    // Not worth its trouble: the rest is written without looking.
                    if delta?.bytes.count ?? 0 > count / 2 { delta = nil }
                } else {
                    engine.exportPolicy(parameters, into: chunk)
                }
                hashes.append(PolicyHashes.hash(UnsafeRawBufferPointer(chunk)))
            }
        }
        let manifest = PolicyHashes.manifest(
            chunkHashes: hashes, totalBytes: UInt64(count), version: version, precision: precision)
        self.last = manifest
        var metrics = MetricValues()
        if let delta {
            metrics[\.deltaBytes] = Double(delta.bytes.count)
            metrics[\.weightsChangedShare] = Double(delta.changed * size) / Double(count)
        }
        return Version(manifest: manifest, bytes: bytes, delta: delta?.published, metrics: metrics)
    }

    /// What collects the changes since the last version; nil when that is not the one before, or not of 16-bit words.
    private mutating func delta(to version: PolicyVersion, precision: Precision) -> Changes? {
        guard precision == .bf16, let last, last.version.nextStep.endVersion == version else { return nil }
        let codec = self.codec ?? DeltaCodec(chunkBytes: PolicyManifest.maximumChunkBytes)
        self.codec = codec
        return Changes(base: last.held, codec: codec)
    }

    private struct Changes {
        let base: HeldPolicy
        let codec: DeltaCodec
        var bytes: [UInt8] = []
        /// Words that differ.
        var changed = 0

        /// Writes the next form of a chunk, which may lie where the last one lies, and notes the difference.
        mutating func rewrite(
            _ chunk: UnsafeMutableRawBufferPointer, from last: UnsafeRawBufferPointer,
            _ write: (UnsafeMutableRawBufferPointer) -> Void
        ) {
            withUnsafeTemporaryAllocation(byteCount: chunk.count, alignment: 64) { next in
                write(next)
                self.changed += self.codec.encode(
                    UnsafeRawBufferPointer(next), from: last, appendingTo: &self.bytes)
                chunk.copyMemory(from: UnsafeRawBufferPointer(next))
            }
        }

        var published: PublishedDelta {
            let hashes = self.bytes.withUnsafeBytes { PolicyHashes.chunks(of: $0) }
            return PublishedDelta(
                PolicyDelta(base: self.base, totalBytes: UInt64(self.bytes.count), pieceHashes: hashes),
                bytes: SharedBytes(self.bytes))
        }
    }
}
