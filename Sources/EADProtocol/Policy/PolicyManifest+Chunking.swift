package import EADMessages

extension PolicyManifest {
    /// Where each chunk lies; nil when the manifest's numbers contradict each other.
    package var chunking: PolicyChunking? {
        guard let chunking = PolicyChunking(totalBytes: self.totalBytes, chunkBytes: self.chunkBytes),
            chunking.count == self.chunkHashes.count
        else { return nil }
        return chunking
    }
}
