/// Bytes that are to be saved, wherever they are: read piece by piece.
package struct ByteSource {
    package let count: Int
    /// Fills a piece with the bytes from an offset on.
    package let read: (_ offset: Int, _ piece: UnsafeMutableRawBufferPointer) -> Void

    package init(count: Int, read: @escaping (_ offset: Int, _ piece: UnsafeMutableRawBufferPointer) -> Void) {
        self.count = count
        self.read = read
    }

    /// Those of memory that outlives the source.
    package init(_ memory: UnsafeRawBufferPointer) {
        self.init(count: memory.count) { offset, piece in
            piece.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[offset..<offset + piece.count]))
        }
    }
}
