import CBenchPeaks
import Dispatch

/// The clock that is measured with.
struct Stopwatch {
    /// Processor time of all threads instead of wall-clock time.
    var processorTime: Bool

    /// Seconds since some moment.
    func now() -> Double {
        if self.processorTime { return bench_cpu_seconds() }
        return Double(DispatchTime.now().uptimeNanoseconds) / 1e9
    }

    func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = self.now()
        try body()
        return self.now() - start
    }
}
