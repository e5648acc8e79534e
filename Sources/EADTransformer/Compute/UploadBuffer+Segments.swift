import CEADKernels

extension UploadBuffer {
    /// The room that segments and their page tables take.
    static func bytes(of segments: [ForwardPass.Segment]) -> Int {
        Self.bytes(ead_segment.self, count: segments.count)
            + segments.reduce(0) { $0 + Self.bytes(KeyValuePages.Page.self, count: $1.pages.entries.count) }
    }

    /// Where the segments will be, which know where their page tables will be.
    func add(_ segments: [ForwardPass.Segment]) -> DevicePointer<ead_segment> {
        self.add(
            segments.map {
                ead_segment(
                    row: Int32($0.row), rows: Int32($0.rows), position: Int32($0.position),
                    prefix_row: Int32($0.prefixRow), pages: self.add($0.pages.entries).address)
            })
    }
}
