import CBenchPeaks
import EADCore

/// What this machine can do at best with the threads that compute.
struct Machine {
    /// Floating-point operations per second.
    let f32Peak: Double
    let bf16Peak: Double
    /// Bytes per second read from memory larger than every cache.
    let memoryRead: Double

    init(threads: Int) {
        self.f32Peak = bench_peak_fma(Int32(threads))
        self.bf16Peak = bench_peak_bf16(Int32(threads))
        self.memoryRead = bench_peak_memory(Int32(threads))
    }

    /// The peak of the products' precision; that of f32 where the CPU has no bf16 products.
    func peak(_ precision: Precision) -> Double {
        precision == .bf16 && self.bf16Peak > 0 ? self.bf16Peak : self.f32Peak
    }

    /// Seconds that work takes at least: the longer of its arithmetic and its reading.
    func limit(flops: Double, bytes: Double, _ precision: Precision) -> Limit {
        let arithmetic = flops / self.peak(precision)
        let reading = bytes / self.memoryRead
        return arithmetic >= reading
            ? Limit(seconds: arithmetic, bound: "\(precision) peak") : Limit(seconds: reading, bound: "memory")
    }

    /// The least time of a piece of work, and which resource sets it.
    struct Limit {
        var seconds: Double
        var bound: String
    }
}
