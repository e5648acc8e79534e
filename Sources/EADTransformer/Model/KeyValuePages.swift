import CEADKernels
import EADCore
import EADEngine

/// Memory for keys and values, in pages of 16 positions over all layers (see CEADKernels.h), shared by counting.
///
/// Pages are zeroed when first made and only ever hold finite numbers, so that masked positions cannot poison a sum.
final class KeyValuePages {
    typealias Page = DevicePointer<UInt8>

    static let positions = 16

    let heads: ead_heads
    let pageBytes: Int
    private let compute: Compute
    private let layerBytes: Int
    private var slabs: [DeviceBuffer] = []
    private var free: [Page] = []
    private var counts: [Page: Int] = [:]

    init(shape: ModelShape, precision: Precision, compute: Compute) {
        let size = shape.headSize
        let paddedSize = (size + 15) / 16 * 16
        let headWords = precision.units(size) * Self.positions + precision.units(Self.positions) * paddedSize
        self.heads = ead_heads(
            heads: Int32(shape.heads), kv_heads: Int32(shape.keyValueHeads), head_size: Int32(size),
            bf16: precision.isBF16, layer_offset: 0, head_bytes: headWords * 4)
        self.layerBytes = headWords * 4 * shape.keyValueHeads
        self.pageBytes = self.layerBytes * shape.layers
        self.compute = compute
    }

    /// Bytes for the responses to one prompt, which share its full pages.
    func bytes(promptTokens: Int, responses: Int, responseTokens: Int) -> Int {
        func pages(_ positions: Int) -> Int { (positions + Self.positions - 1) / Self.positions }
        let own = pages(promptTokens + responseTokens) - promptTokens / Self.positions
        return (pages(promptTokens) + responses * own) * self.pageBytes
    }

    /// The pages' geometry as seen by one layer.
    func heads(layer: Int) -> ead_heads {
        var heads = self.heads
        heads.layer_offset = layer * self.layerBytes
        return heads
    }

    func allocate() throws(EngineError) -> Page {
        if self.free.isEmpty {
            let perSlab = max(1, (8 << 20) / self.pageBytes)
            let slab = try DeviceBuffer(self.compute.device, bytes: perSlab * self.pageBytes)
            self.slabs.append(slab)
            let base = slab.pointer(to: UInt8.self)
            self.free = (0..<perSlab).reversed().map { base + $0 * self.pageBytes }
        }
        let page = self.free.removeLast()
        self.counts[page] = 1
        return page
    }

    /// A page of its own with the same keys and values.
    func copy(_ page: Page) throws(EngineError) -> Page {
        let copy = try self.allocate()
        self.compute.copy(page, to: copy, count: self.pageBytes)
        return copy
    }

    func retain(_ page: Page) { self.counts[page, default: 0] += 1 }

    func release(_ page: Page) {
        guard let count = self.counts[page] else { preconditionFailure("the page is in use") }
        self.counts[page] = count == 1 ? nil : count - 1
        if count == 1 { self.free.append(page) }
    }

    /// Pages somebody holds.
    var used: Int { self.counts.count }
}
